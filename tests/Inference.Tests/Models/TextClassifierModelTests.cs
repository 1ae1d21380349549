using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.Inference.Models;
using Millrace.Inference.Onnx;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Models;

public sealed class TextClassifierModelTests : IDisposable
{
    private static readonly float[] Logits = [-2, 0, 1.5f];
    private readonly TemporaryFolder _folder = new("classifier");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sigmoid", new[] { 0.1192f, 0.5f, 0.8176f })]
    [InlineData("softmax", new[] { 0.0241f, 0.1780f, 0.7979f })]
    [InlineData("none", new[] { -2f, 0f, 1.5f })]
    public async Task Outputs_become_probabilities_as_the_labels_file_says(string activation, float[] expected)
    {
        WriteModel();
        TinyModels.Write(_folder.Path, "labels.json", $$"""
            {"activation":"{{activation}}","outputs":[{"name":"toxicity","attribute":"TOXICITY","threshold":0.5},{"name":"threat"},{"name":"insult"}],
             "unavailable":["SEXUALLY_EXPLICIT"]}
            """);
        await using var model = await LoadAsync();
        var result = await model.ClassifyAsync("the mill", CancellationToken.None);
        Assert.Equal(expected.Length, result.Probabilities.Count);
        Assert.All(expected.Zip(result.Probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Equal(new ClassifierLabel("toxicity", "TOXICITY", 0.5), model.Labels[0]);
        Assert.Equal(["SEXUALLY_EXPLICIT"], model.Unavailable);
        Assert.Equal(model.Revision, result.ModelRevision);
    }

    [Theory]
    [InlineData("""{"id2label":{"0":"toxicity","1":"threat","2":"insult"}}""", LabelActivation.Sigmoid)]
    [InlineData("""{"id2label":{"0":"toxic","1":"threat","2":"insult"},"problem_type":"multi_label_classification"}""", LabelActivation.Sigmoid)]
    [InlineData("""{"id2label":{"0":"negative","1":"neutral","2":"positive"}}""", LabelActivation.Softmax)]
    public async Task An_export_with_only_a_config_loads_as_it_is(string config, LabelActivation activation)
    {
        WriteModel();
        TinyModels.Write(_folder.Path, "config.json", config);
        await using var model = await LoadAsync();
        Assert.Equal(activation, model.Activation);
        Assert.Equal(3, model.Labels.Count);
    }

    [Fact]
    public async Task Labels_that_do_not_fit_the_model_are_refused_by_file()
    {
        WriteModel();
        Assert.Contains("labels.json", await ProblemAsync(), StringComparison.Ordinal);
        TinyModels.Write(_folder.Path, "labels.json", """{"activation":"sigmoid","outputs":[{"name":"toxicity"}]}""");
        Assert.Contains("3 outputs, the labels are 1", await ProblemAsync(), StringComparison.Ordinal);
        TinyModels.Write(_folder.Path, "labels.json", """{"activation":"tanh","outputs":[]}""");
        Assert.Contains("tanh", await ProblemAsync(), StringComparison.Ordinal);
        const string outputs = "\"activation\":\"sigmoid\",\"outputs\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]";
        TinyModels.Write(_folder.Path, "labels.json", "{" + outputs + ",\"parts\":{\"max\":0,\"firstShare\":0.5}}");
        Assert.Contains("'parts' is not like", await ProblemAsync(), StringComparison.Ordinal);
        TinyModels.Write(_folder.Path, "labels.json", "{" + outputs + ",\"parts\":{\"max\":8,\"firstShare\":0.5}}");
        Assert.Contains("leave it away", await ProblemAsync(), StringComparison.Ordinal);
    }

    /// <summary>A score a text without a dimension of its own, and scores a token.</summary>
    [Theory]
    [InlineData(true, "model.onnx", "[1]")]
    [InlineData(false, "", "sequence classifier")]
    public async Task An_output_of_a_wrong_shape_is_refused_by_file_with_what_to_export(bool flat, string file, string told)
    {
        TinyModels.WriteTokenizer(_folder.Path);
        TinyModels.Write(_folder.Path, "config.json", """{"max_position_embeddings":64,"id2label":{"0":"toxicity","1":"threat","2":"insult"}}""");
        var graph = new OnnxGraph("classifier");
        var ids = graph.Int64Input("input_ids", "batch", "tokens");
        var vectors = graph.Node("Gather", [graph.Floats([.. Enumerable.Repeat(1f, TinyModels.Vocabulary * 3)], TinyModels.Vocabulary, 3), ids], flat ? null : "logits");
        if (flat)
            graph.Node("ReduceMean", [vectors, graph.Int64s(1, 2)], "logits", ("keepdims", 0L));
        graph.FloatOutput("logits", flat ? ["batch"] : ["batch", "tokens", "3"]);
        graph.Save(Path.Combine(_folder.Path, "model.onnx"));

        var problem = await ProblemAsync();

        Assert.Contains(Path.Combine(_folder.Path, file), problem, StringComparison.Ordinal);
        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.Contains("xport", problem, StringComparison.Ordinal);
    }

    private void WriteModel()
    {
        TinyModels.WriteTokenizer(_folder.Path);
        TinyModels.Write(_folder.Path, "sentence_bert_config.json", """{"max_seq_length":64}""");
        var graph = new OnnxGraph("classifier");
        var ids = graph.Int64Input("input_ids", "batch", "tokens");
        graph.Int64Input("attention_mask", "batch", "tokens");
        var table = Enumerable.Range(0, TinyModels.Vocabulary).SelectMany(_ => Logits).ToArray();
        graph.Node("ReduceMean", [graph.Node("Gather", [graph.Floats(table, TinyModels.Vocabulary, 3), ids]), graph.Int64s(1)], "logits", ("keepdims", 0L));
        graph.FloatOutput("logits", "batch", "3");
        graph.Save(Path.Combine(_folder.Path, "model.onnx"));
    }

    private Task<TextClassifierModel> LoadAsync() => TextClassifierModel.LoadAsync(
        _folder.Path, TinyModels.Cpu, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private async Task<string> ProblemAsync() => (await Assert.ThrowsAsync<ConfigurationException>(LoadAsync)).Message;
}
