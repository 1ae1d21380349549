using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Local;

public sealed class OnnxProviderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("onnx");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_Detoxify_export_is_loaded_as_it_is()
    {
        await using var provider = await Load(new() { Model = DetoxifyExport.Write(_folder.Path) });

        var found = await provider.ClassifyAsync([new("a", "You are an idiot!"), new("b", "The kind millers turn the wheel.")], TestContext.Current.CancellationToken);

        var scores = found.Select(one => Assert.IsType<PostClassification.Labelled>(one).Scores).ToList();
        Assert.Equal(["IDENTITY_ATTACK", "INSULT", "PROFANITY", "SEVERE_TOXICITY", "THREAT", "TOXICITY"], scores[0].Keys.Order());
        // Independent labels: nothing makes them share 1.
        Assert.All(scores[0].Values, score => Assert.InRange(score, 0.01, 0.99));
        Assert.NotEqual(1, scores[0].Values.Sum(), 2);
        Assert.NotEqual(scores[0]["TOXICITY"], scores[1]["TOXICITY"], 4);
        Assert.StartsWith("NOT_SCORED", ((PostClassification.Labelled)found[0]).Unavailable["SEXUALLY_EXPLICIT"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_in_Detoxifys_words_scores_what_it_can_and_the_rest_is_unavailable()
    {
        await using var provider = await Load(new() { Model = TinyClassifier.WriteDetoxify(_folder.Path) });

        var found = await provider.ClassifyAsync([new("a", "hello you idiot"), new("b", "hello world")], TestContext.Current.CancellationToken);

        var rude = Assert.IsType<PostClassification.Labelled>(found[0]);
        Assert.Equal(["PROFANITY", "TOXICITY"], rude.Scores.Keys.Order());
        Assert.Equal(TinyClassifier.High, rude.Scores["TOXICITY"], 3);
        Assert.Equal(TinyClassifier.Low, rude.Scores["PROFANITY"], 3);
        Assert.Equal(TinyClassifier.Low, Assert.IsType<PostClassification.Labelled>(found[1]).Scores["TOXICITY"], 3);
        Assert.Equal(19, rude.Unavailable.Count);
        Assert.StartsWith("NOT_SCORED", rude.Unavailable["AFFINITY_EXPERIMENTAL"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_that_breaks_the_runtime_fails_alone_and_may_be_tried_again()
    {
        await using var provider = await Load(new() { Model = TinyClassifier.WriteDetoxify(_folder.Path) });

        var found = await provider.ClassifyAsync(
            [new("a", "hello"), new("b", $"hello {TinyClassifier.Breaking}"), new("c", "idiot")], TestContext.Current.CancellationToken);

        Assert.IsType<PostClassification.Labelled>(found[0]);
        Assert.Equal("INFERENCE_FAILED", Assert.IsType<PostClassification.Failed>(found[1]).Reason);
        Assert.IsType<PostClassification.Labelled>(found[2]);
    }

    [Fact]
    public async Task Classes_of_another_domain_keep_their_names()
    {
        var model = TinyClassifier.Write(_folder.Path, """{"activation":"softmax","outputs":[{"name":"physics"},{"name":"biology"}]}""");
        await using var provider = await Load(new() { Model = model, Output = ClassifierOutput.Scores });

        var scores = Assert.IsType<PostClassification.Labelled>((await provider.ClassifyAsync([new("a", "idiot")], TestContext.Current.CancellationToken))[0]).Scores;

        Assert.Equal(["biology", "physics"], scores.Keys.Order());
        Assert.Equal(1, scores.Values.Sum(), 4);
        Assert.Null(Assert.IsType<PostClassification.Labelled>((await provider.ClassifyAsync([new("a", "idiot")], TestContext.Current.CancellationToken))[0]).Labels);
    }

    [Theory]
    [InlineData("", new[] { "rude" })]
    [InlineData(""","threshold":0.01""", new[] { "rude", "profane" })]
    public async Task Of_independent_labels_those_hold_that_reach_their_thresholds(string threshold, string[] expected)
    {
        var model = TinyClassifier.Write(
            _folder.Path, $$"""{"activation":"sigmoid","outputs":[{"name":"rude"},{"name":"profane"{{threshold}}}],"unavailable":["sad"]}""");
        await using var provider = await Load(new() { Model = model, Output = ClassifierOutput.Scores });

        var found = await provider.ClassifyAsync([new("a", "idiot"), new("b", "hello")], TestContext.Current.CancellationToken);

        Assert.Equal(expected, Assert.IsType<PostClassification.Labelled>(found[0]).Labels);
        Assert.Equal(expected.Skip(1), Assert.IsType<PostClassification.Labelled>(found[1]).Labels);
        Assert.Equal("NOT_SCORED: The local model's makers say that it cannot score it.", ((PostClassification.Labelled)found[0]).Unavailable["sad"]);
    }

    [Fact]
    public async Task A_text_that_the_model_does_not_read_to_its_end_is_told_so()
    {
        await using var provider = await Load(new() { Model = TinyClassifier.WriteDetoxify(_folder.Path) });

        var found = await provider.ClassifyAsync([new("a", "hello"), new("b", string.Concat(Enumerable.Repeat("hello ", 600)))], TestContext.Current.CancellationToken);

        Assert.Equal([false, true], found.Select(one => Assert.IsType<PostClassification.Labelled>(one).Truncated));
    }

    /// <summary>Bytes as RoBERTa reads them, 16 outputs of which nine are identities; and XLM-R's unigram pieces.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_export_of_Detoxify_unbiased_or_multilingual_is_loaded_as_it_is(bool multilingual)
    {
        var model = multilingual ? DetoxifyExport.WriteMultilingual(_folder.Path) : DetoxifyExport.WriteUnbiased(_folder.Path);
        await using var provider = await Load(new() { Model = model, Languages = ["en", "de"] });

        var found = await provider.ClassifyAsync(
            [new("a", "You are an idiot!"), new("b", "The kind millers turn the wheel."), new("c", string.Concat(Enumerable.Repeat("x y ", 400)), "en")],
            TestContext.Current.CancellationToken);

        var scores = found.Select(one => Assert.IsType<PostClassification.Labelled>(one).Scores).ToList();
        Assert.Equal(["IDENTITY_ATTACK", "INSULT", "PROFANITY", "SEVERE_TOXICITY", "SEXUALLY_EXPLICIT", "THREAT", "TOXICITY"], scores[0].Keys.Order());
        Assert.All(scores[0].Values, score => Assert.InRange(score, 0.01, 0.99));
        Assert.NotEqual(scores[0]["TOXICITY"], scores[1]["TOXICITY"], 4);
        Assert.Equal([false, false, true], found.Select(one => ((PostClassification.Labelled)one).Truncated));
    }

    /// <summary>As <c>save_pretrained</c> of a slow tokenizer leaves it: neither is read, so the fix must be named.</summary>
    [Theory]
    [InlineData("sentencepiece.bpe.model")]
    [InlineData("merges.txt")]
    public async Task A_tokenizer_in_another_layout_is_refused_with_what_to_put_there(string file)
    {
        var model = DetoxifyExport.WriteUnbiased(_folder.Path);
        File.Move(Path.Combine(model, "tokenizer.json"), Path.Combine(model, file));

        Assert.Contains("tokenizer.json", (await Assert.ThrowsAsync<ConfigurationException>(() => Load(new() { Model = model }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_threshold_that_is_no_probability_is_refused()
    {
        var model = TinyClassifier.Write(_folder.Path, """{"activation":"sigmoid","outputs":[{"name":"rude","threshold":50},{"name":"profane"}]}""");

        Assert.Contains("threshold 50", (await Assert.ThrowsAsync<ConfigurationException>(() => Load(new() { Model = model }))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClassifierOutput.Record, "en", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")]
    [InlineData(ClassifierOutput.Record, "any", null)]
    [InlineData(ClassifierOutput.Scores, "en", null)]
    public async Task A_record_is_of_the_languages_that_the_model_scores(ClassifierOutput output, string languages, string? reason)
    {
        await using var provider = await Load(new() { Model = TinyClassifier.WriteDetoxify(_folder.Path), Output = output, Languages = [languages] });

        var found = await provider.ClassifyAsync(
            [new("a", "Der Ausschuss trifft sich am Dienstag im großen Saal."), new("b", "hello you idiot")], TestContext.Current.CancellationToken);

        Assert.Equal(reason, (found[0] as PostClassification.Unlabelled)?.Reason);
        Assert.IsType<PostClassification.Labelled>(found[1]);
    }

    [Fact]
    public async Task A_calibration_is_applied_and_one_of_another_model_is_refused()
    {
        var model = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model"));
        var path = Path.Combine(_folder.Path, "calibration.json");
        Calibrate(path, null);
        await using var provider = await Load(new() { Model = model, CalibrationPath = path });

        var found = Assert.IsType<PostClassification.Labelled>((await provider.ClassifyAsync([new("a", "idiot")], TestContext.Current.CancellationToken))[0]);

        Assert.Equal(TinyClassifier.High / 2, found.Scores["TOXICITY"], 3);
        Assert.Equal(TinyClassifier.Low, found.Scores["PROFANITY"], 3);
        Calibrate(path, "another");
        var wrong = await Assert.ThrowsAsync<ConfigurationException>(() => Load(new() { Model = model, CalibrationPath = path }));
        Assert.Contains("another", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calibration_saved_in_the_models_folder_survives_a_restart()
    {
        var model = TinyClassifier.WriteDetoxify(_folder.Path);
        var path = Path.Combine(model, "calibration.json");
        await using (var first = await Load(new() { Model = model }))
            Calibrate(path, first.Revision);

        await using var restarted = await Load(new() { Model = model, CalibrationPath = path });

        Assert.NotNull(restarted.Calibration);
        File.AppendAllText(Path.Combine(model, "labels.json"), " ");
        Assert.Contains("fit it again", (await Assert.ThrowsAsync<ConfigurationException>(() => Load(new() { Model = model, CalibrationPath = path }))).Message, StringComparison.Ordinal);
    }

    /// <summary>At first every JSON and text file of the folder counted.</summary>
    [Fact]
    public async Task A_calibration_that_names_the_model_as_it_was_named_before_is_still_read()
    {
        var model = TinyClassifier.WriteDetoxify(_folder.Path);
        var path = Path.Combine(model, "calibration.json");
        File.WriteAllText(Path.Combine(model, "golden.json"), "[]");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in new[] { "config.json", "golden.json", "labels.json", "model.onnx", "vocab.txt" })
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(model, name))));
        }
        Calibrate(path, Convert.ToHexStringLower(hash.GetHashAndReset())[..12]);

        await using var provider = await Load(new() { Model = model, CalibrationPath = path });

        Assert.NotNull(provider.Calibration);
    }

    private static void Calibrate(string path, string? revision) => new CalibrationFile(
        DateTimeOffset.UnixEpoch,
        revision,
        new Dictionary<string, AttributeCalibration> { ["TOXICITY"] = new(50, 0, 0, AttributeAgreement.Of([]), [[0, 0], [1, 0.5]]) }).Write(path);

    private static Task<OnnxProvider> Load(ClassifierInstanceOptions options) => OnnxProvider.LoadAsync(
        options, ClassifierFixture.Cpu, calibrated: true, new LanguageIdentifier(), TimeProvider.System, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
}
