using System.Numerics.Tensors;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.Inference.Models;
using Millrace.Inference.Tokenizers;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Models;

public sealed class TextEmbedderModelTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryFolder _folder = new("embedder");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"pooling_mode_mean_tokens":true}""", Pooling.Mean)]
    [InlineData("""{"pooling_mode_cls_token":true}""", Pooling.Cls)]
    [InlineData("""{"pooling_mode_lasttoken":true}""", Pooling.LastToken)]
    public async Task Token_vectors_are_pooled_as_the_folder_says(string config, Pooling pooling)
    {
        TinyModels.WriteCounting(_folder.Path, "last_hidden_state", pooled: false);
        TinyModels.Write(_folder.Path, "1_Pooling/config.json", config);
        await using var model = await LoadAsync();
        var ids = model.Tokenizer.Encode("mill race the", TokenLimit.None).Ids;
        var expected = pooling switch
        {
            Pooling.Mean => ids.Average(),
            Pooling.Cls => ids[0],
            _ => ids[^1],
        };
        // Longer texts beside it make padding, which must not count.
        var embeddings = await Task.WhenAll(
            new[] { "mill race the", "mill", "the water the wheel and the mill" }.Select(text => model.EmbedAsync(text, default, None)));
        Assert.Equal(pooling, model.Pooling);
        Assert.Equal(expected, embeddings[0].Values[0], 1e-3);
        Assert.Equal(2 * expected, embeddings[0].Values[1], 1e-3);
        Assert.Equal(ids.Length, embeddings[0].Tokens);
    }

    [Fact]
    public async Task A_model_that_pools_itself_is_taken_as_it_is()
    {
        TinyModels.WriteCounting(_folder.Path, "sentence_embedding", pooled: true);
        await using var model = await LoadAsync();
        var ids = model.Tokenizer.Encode("mill race", TokenLimit.None).Ids;
        Assert.Equal(ids.Max(), (await model.EmbedAsync("mill race", default, None)).Values[0]);
        Assert.Equal(TinyModels.Width, model.Dimensions);
    }

    [Fact]
    public async Task Vectors_are_scaled_to_length_one_also_after_they_were_cut()
    {
        TinyModels.WriteEncoder(_folder.Path, "onnx/model.onnx");
        TinyModels.Write(_folder.Path, "modules.json", """
            [{"type":"sentence_transformers.models.Transformer","path":""},
             {"type":"sentence_transformers.models.Pooling","path":"1_Pooling"},
             {"type":"sentence_transformers.models.Normalize","path":"2_Normalize"}]
            """);
        TinyModels.Write(_folder.Path, "1_Pooling/config.json", """{"pooling_mode_mean_tokens":true}""");
        await using var model = await LoadAsync();
        var whole = (await model.EmbedAsync("the mill", default, None)).Values;
        var cut = (await model.EmbedAsync("the mill", new EmbedOptions(Dimensions: 3), None)).Values;
        Assert.Equal(1, TensorPrimitives.Norm<float>(whole), 1e-5);
        Assert.Equal(1, TensorPrimitives.Norm<float>(cut), 1e-5);
        Assert.Equal(3, cut.Length);
        Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(whole.AsSpan(0, 3), cut), 1e-5);
    }

    [Fact]
    public async Task The_same_text_gives_the_same_vector_alone_and_among_others()
    {
        TinyModels.WriteEncoder(_folder.Path);
        await using var model = await LoadAsync();
        var alone = await model.EmbedAsync("the mill turns", default, None);
        var many = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            model.EmbedAsync(i % 10 == 0 ? "the mill turns" : string.Join(' ', Enumerable.Repeat("water", 1 + (i % 40))), default, None)));
        Assert.All(many.Where((_, i) => i % 10 == 0), same =>
            Assert.Equal(1, TensorPrimitives.CosineSimilarity<float>(alone.Values, same.Values), 1e-5));
    }

    [Fact]
    public async Task Prompts_go_before_the_text()
    {
        TinyModels.WriteEncoder(_folder.Path);
        TinyModels.Write(_folder.Path, "config_sentence_transformers.json",
            """{"prompts":{"query":"the race ","plain":""},"default_prompt_name":"query"}""");
        await using var model = await LoadAsync();
        var plain = await model.EmbedAsync("the race mill", new EmbedOptions(Prompt: "plain"), None);
        Assert.Equal(plain.Values, (await model.EmbedAsync("mill", default, None)).Values);
        Assert.NotEqual(plain.Values, (await model.EmbedAsync("mill", new EmbedOptions(Prompt: "plain"), None)).Values);
        var unknown = await Assert.ThrowsAsync<EmbedOptionException>(() => model.EmbedAsync("mill", new EmbedOptions(Prompt: "passage"), None));
        Assert.Equal("prompt", unknown.Option);
    }

    [Fact]
    public async Task A_long_text_is_cut_and_says_so()
    {
        TinyModels.WriteEncoder(_folder.Path);
        await using var model = await LoadAsync(TinyModels.Cpu with { MaxTokens = 16, Keep = KeptPart.BothEnds });
        var text = string.Join(' ', Enumerable.Repeat("mill", 100));
        var embedding = await model.EmbedAsync(text, default, None);
        Assert.True(embedding.Truncated);
        Assert.Equal(16, embedding.Tokens);
        Assert.False((await model.EmbedAsync("mill", default, None)).Truncated);
    }

    [Theory]
    [InlineData(1_048_576)]
    [InlineData(1_000)]
    public async Task A_text_of_a_megabyte_is_the_head_of_it(int length)
    {
        TinyModels.WriteEncoder(_folder.Path);
        await using var model = await LoadAsync();
        var text = string.Concat(Enumerable.Repeat("the mill race turns, ", length / 21));
        var start = text[..500];
        var whole = await model.EmbedAsync(text, default, None);
        var head = await model.EmbedAsync(start, default, None);
        Assert.True(whole.Truncated);
        Assert.Equal(model.MaxTokens, whole.Tokens);
        Assert.Equal(head.Values, whole.Values);
        Assert.Equal(model.Tokenizer.Encode(start, new TokenLimit(model.MaxTokens)).Ids, model.Tokenizer.Encode(text, new TokenLimit(model.MaxTokens)).Ids);
    }

    [Theory]
    [InlineData(ModelPrecision.Fp32, "model.onnx", 1)]
    [InlineData(ModelPrecision.Fp16, "model_fp16.onnx", 2)]
    [InlineData(ModelPrecision.Int8, "model_int8.onnx", 3)]
    [InlineData(ModelPrecision.Int8, "onnx/model_quantized.onnx", 4)]
    public async Task The_precision_chooses_the_file(ModelPrecision precision, string file, int seed)
    {
        TinyModels.WriteEncoder(_folder.Path, "other/model.onnx", seed);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "onnx"));
        File.Move(Path.Combine(_folder.Path, "other", "model.onnx"), Path.Combine(_folder.Path, file));
        await using var model = await LoadAsync(TinyModels.Cpu with { Precision = precision });
        var alone = (await model.EmbedAsync("the mill", default, None)).Values;
        TinyModels.WriteEncoder(_folder.Path, "other/model.onnx", seed: 9);
        foreach (var name in new[] { "model.onnx", "model_fp16.onnx", "model_int8.onnx" }.Except([file]))
            File.Copy(Path.Combine(_folder.Path, "other", "model.onnx"), Path.Combine(_folder.Path, name));
        if (file.StartsWith("onnx", StringComparison.Ordinal))
            File.Delete(Path.Combine(_folder.Path, "model_int8.onnx"));
        await using var chosen = await LoadAsync(TinyModels.Cpu with { Precision = precision });
        Assert.Equal(alone, (await chosen.EmbedAsync("the mill", default, None)).Values);
    }

    [Fact]
    public async Task A_precision_that_the_folder_has_not_is_refused_by_file()
    {
        TinyModels.WriteEncoder(_folder.Path);
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => LoadAsync(TinyModels.Cpu with { Precision = ModelPrecision.Int8 }));
        Assert.Contains("model_int8.onnx or model_quantized.onnx", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_of_half_precision_are_read()
    {
        TinyModels.WriteCounting(_folder.Path, "sentence_embedding", pooled: true);
        await using var full = await LoadAsync();
        TinyModels.WriteCounting(_folder.Path, "sentence_embedding", pooled: true, half: true);
        File.Move(Path.Combine(_folder.Path, "model.onnx"), Path.Combine(_folder.Path, "model_fp16.onnx"));
        await using var half = await LoadAsync(TinyModels.Cpu with { Precision = ModelPrecision.Fp16 });
        var expected = (await full.EmbedAsync("the mill race", default, None)).Values;
        var values = (await half.EmbedAsync("the mill race", default, None)).Values;
        Assert.Equal(expected.Select(value => (float)(Half)value), values);
        Assert.True(expected.Max() > 0);
    }

    [Fact]
    public async Task The_revision_follows_the_content_of_the_files()
    {
        TinyModels.WriteEncoder(_folder.Path, seed: 1);
        var first = await RevisionAsync();
        Assert.Equal(first, await RevisionAsync());
        TinyModels.WriteEncoder(_folder.Path, seed: 2);
        var second = await RevisionAsync();
        TinyModels.Write(_folder.Path, "1_Pooling/config.json", """{"pooling_mode_cls_token":true}""");
        var third = await RevisionAsync();
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        TinyModels.Write(_folder.Path, "calibration.json", "{}");
        TinyModels.Write(_folder.Path, "notes.txt", "decides nothing");
        Assert.Equal(third, await RevisionAsync());
        Assert.Matches("^[0-9a-f]{12}$", first);
    }

    [Fact]
    public async Task Missing_and_wrong_files_are_named_with_the_fix()
    {
        Assert.Contains("is missing", await ProblemAsync(Path.Combine(_folder.Path, "absent")), StringComparison.Ordinal);
        Assert.Contains("model.onnx", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
        TinyModels.Write(_folder.Path, "model.onnx", "not a model");
        Assert.Contains("tokenizer.json", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
        TinyModels.WriteTokenizer(_folder.Path);
        TinyModels.Write(_folder.Path, "config.json", "{}");
        Assert.Contains("ONNX Runtime cannot load it", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
        TinyModels.WriteEncoder(_folder.Path);
        TinyModels.Write(_folder.Path, "modules.json", """[{"type":"sentence_transformers.models.Dense","path":"2_Dense"}]""");
        Assert.Contains("modules.json asks for a module 'Dense'", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
        TinyModels.Write(_folder.Path, "modules.json", "[");
        Assert.Contains("modules.json is not JSON", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pooling_mode_cls_token":true,"pooling_mode_mean_tokens":true}""", "pooling_mode_cls_token and pooling_mode_mean_tokens")]
    [InlineData("""{"pooling_mode_mean_tokens":true,"pooling_mode_max_tokens":true}""", "pooling_mode_mean_tokens and pooling_mode_max_tokens")]
    [InlineData("""{"pooling_mode_mean_sqrt_len_tokens":true}""", "pooling_mode_mean_sqrt_len_tokens")]
    [InlineData("""{"pooling_mode_mean_tokens":false}""", "no pooling")]
    public async Task A_pooling_that_is_not_done_here_is_refused_and_not_replaced_by_another(string config, string asked)
    {
        TinyModels.WriteEncoder(_folder.Path);
        TinyModels.Write(_folder.Path, "1_Pooling/config.json", config);
        var problem = await ProblemAsync(_folder.Path);
        Assert.Contains(Path.Combine("1_Pooling", "config.json"), problem, StringComparison.Ordinal);
        Assert.Contains($"asks for {asked};", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pooling_that_modules_json_names_must_be_there()
    {
        TinyModels.WriteEncoder(_folder.Path);
        TinyModels.Write(_folder.Path, "modules.json", """[{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""");
        var problem = await ProblemAsync(_folder.Path);
        Assert.Contains(Path.Combine(_folder.Path, "1_Pooling", "config.json"), problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_does_not_tell_the_longest_text_needs_it_set()
    {
        TinyModels.WriteEncoder(_folder.Path);
        File.Delete(Path.Combine(_folder.Path, "config.json"));
        Assert.Contains("config.json is missing", await ProblemAsync(_folder.Path), StringComparison.Ordinal);
        await using var model = await LoadAsync(TinyModels.Cpu with { MaxTokens = 20 });
        Assert.Equal(20, model.MaxTokens);
    }

    [Fact]
    public async Task Cuda_that_cannot_be_had_is_an_error_unless_the_fallback_is_allowed()
    {
        TinyModels.WriteEncoder(_folder.Path);
        var cuda = TinyModels.Cpu with { Device = DeviceKind.Cuda };
        var error = await Record.ExceptionAsync(() => LoadAsync(cuda));
        Assert.SkipWhen(error is null, "this machine has a CUDA device and a build for it");
        Assert.Contains("allow the fallback", Assert.IsType<ConfigurationException>(error).Message, StringComparison.Ordinal);
        await using var model = await LoadAsync(cuda with { AllowCpuFallback = true });
        Assert.Equal(["cpu"], model.Engine.Devices);
    }

    [Fact]
    public async Task Batches_that_run_side_by_side_give_each_text_its_own_vector()
    {
        TinyModels.WriteCounting(_folder.Path, "sentence_embedding", pooled: true);
        await using var model = await LoadAsync(TinyModels.Cpu with { CpuStreams = 3, Batching = new() { MaxBatchItems = 2 } });
        var texts = Enumerable.Range(0, 300).Select(i => string.Join(' ', Enumerable.Repeat(i % 2 == 0 ? "mill" : "the water", (i % 9) + 1))).ToList();
        var embeddings = await Task.WhenAll(texts.Select(text => model.EmbedAsync(text, default, None)));
        Assert.Equal(["cpu"], model.Engine.Devices);
        Assert.Equal(3, model.Engine.Streams);
        Assert.Equal(texts.Select(text => (float)model.Tokenizer.Encode(text, TokenLimit.None).Ids.Max()), embeddings.Select(embedding => embedding.Values[0]));
    }

    [Fact]
    public async Task A_light_model_runs_a_batch_on_each_core()
    {
        TinyModels.WriteCounting(_folder.Path, "sentence_embedding", pooled: true);
        await using var model = await LoadAsync(TinyModels.Cpu with { IntraOpThreads = 0 });
        Assert.Equal(Environment.ProcessorCount, model.Engine.Streams);
    }

    private Task<TextEmbedderModel> LoadAsync(InferenceOptions? options = null) => LoadAsync(_folder.Path, options);

    private static Task<TextEmbedderModel> LoadAsync(string folder, InferenceOptions? options = null) =>
        TextEmbedderModel.LoadAsync(folder, options ?? TinyModels.Cpu, TimeProvider.System, NullLoggerFactory.Instance, None);

    private async Task<string> RevisionAsync()
    {
        await using var model = await LoadAsync();
        return model.Revision;
    }

    private static async Task<string> ProblemAsync(string folder) =>
        (await Assert.ThrowsAsync<ConfigurationException>(() => LoadAsync(folder))).Message;
}
