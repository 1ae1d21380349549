using System.Numerics.Tensors;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Tokenizers;

namespace Millrace.Inference.Models;

/// <summary>
/// A sequence classifier from a folder with <c>model.onnx</c>, a tokenizer, and <c>labels.json</c> or <c>config.json</c>.
/// Safe for use from many threads; texts that are classified at one time share batches.
/// </summary>
public sealed class TextClassifierModel : IAsyncDisposable
{
    // Parts of one text that wait at once: a long one must not fill the queue.
    private const int PartsAtOnce = 8;

    private readonly TextModel _model;
    private readonly ClassifierLabels _labels;

    private TextClassifierModel(TextModel model, ClassifierLabels labels) => (_model, _labels) = (model, labels);

    /// <summary>The outputs, in the order of <see cref="Classification.Probabilities"/>.</summary>
    public IReadOnlyList<ClassifierLabel> Labels => _labels.Outputs;

    /// <summary>Attributes that the folder says this model cannot give.</summary>
    public IReadOnlyList<string> Unavailable => _labels.Unavailable;

    public LabelActivation Activation => _labels.Activation;

    public string Name => _model.Folder.Name;

    /// <summary>12 hex digits of a hash over the files that decide its outputs: model, tokenizer, labels, settings.</summary>
    public string Revision => _model.Revision;

    /// <summary>Longest text that is read as a whole, special tokens included.</summary>
    public int MaxTokens => _model.MaxTokens;

    /// <summary>Whether a revision is this model's, by its name now or by the name it had when every JSON and text file of the folder counted.</summary>
    /// <param name="besides">A file that has come into the folder since, such as the one that names the revision.</param>
    public bool Has(string revision, string? besides = null) => _model.Has(revision, besides);

    public InferenceEngine Engine => _model.Engine;

    /// <summary>Reads the folder, opens the devices and warms them up; takes seconds.</summary>
    /// <exception cref="ConfigurationException">A setting or a file is wrong; the file and the fix are named.</exception>
    public static async Task<TextClassifierModel> LoadAsync(
        string folder, InferenceOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var model = await Task.Run(() => TextModel.Load(folder, options, ["logits", "probabilities", "scores"], time, loggers), cancellationToken);
        try
        {
            var classifier = new TextClassifierModel(model, ClassifierLabels.Read(model.Folder));
            await classifier.CheckAsync(cancellationToken);
            return classifier;
        }
        catch
        {
            await model.DisposeAsync();
            throw;
        }
    }

    /// <param name="text">Read in parts if it is too long and the folder says how, else truncated as the options say.</param>
    /// <param name="cancellationToken">Takes the text out of the queue.</param>
    /// <exception cref="OverloadedException">Too many texts wait; of one that is not read in parts thrown before anything is queued.</exception>
    /// <exception cref="NonFiniteOutputException">The model gives no number for this text.</exception>
    public async Task<Classification> ClassifyAsync(string text, CancellationToken cancellationToken)
    {
        var run = await _model.RunAsync(text, cancellationToken);
        if (run.Text.Truncated && _labels.Parts is { } parts)
            return await ReadOnAsync(text, run, parts, cancellationToken);
        return new Classification(
            Activate(run.Result.Values.Span), run.Text.Tokens, run.Text.Truncated, Revision, run.Timings);
    }

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    /// <summary>The outputs of a text whose first part has been run; its times are those of that part.</summary>
    private async Task<Classification> ReadOnAsync(string text, TextRun first, TextParts parts, CancellationToken cancellationToken)
    {
        var highest = first.Result.Values.ToArray();
        var tokens = first.Text.Tokens;
        var rest = _model.Rest(text, parts.Max, out var truncated);
        foreach (var some in rest.Chunk(PartsAtOnce))
        {
            foreach (var run in await Task.WhenAll(some.Select(ids => _model.RunAsync(ids.AsSpan(), cancellationToken))))
            {
                TensorPrimitives.Max(highest, run.Result.Values.Span, highest);
                tokens += run.Text.Tokens;
            }
        }
        var outputs = first.Result.Values.Span.ToArray();
        TensorPrimitives.Lerp(highest, outputs, (float)parts.FirstShare, outputs);
        return new Classification(Activate(outputs), tokens, truncated, Revision, first.Timings);
    }

    /// <summary>The model's outputs and the folder's labels must be as many, and the tokenizer one that the folder's settings are for.</summary>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (_labels.Parts is not null && _model.Tokenizer is not NgramTextTokenizer)
            throw new ConfigurationException(
                $"{Path.Combine(_model.Folder.FullPath, ClassifierLabels.FileName)}: 'parts' is for a model of hashed n-grams; leave it away, and long texts are truncated.");
        var run = await _model.RunAsync("text", cancellationToken);
        if (run.Result.Positions > 1)
            throw new ConfigurationException(
                $"{_model.Folder.FullPath}: the model gives an output for each of {run.Result.Positions} tokens, not for the text; export it as a sequence classifier.");
        if (run.Result.Values.Length != Labels.Count)
            throw new ConfigurationException(
                $"{_model.Folder.FullPath}: the model has {run.Result.Values.Length} outputs, the labels are {Labels.Count}; correct {ClassifierLabels.FileName} or config.json.");
    }

    private float[] Activate(ReadOnlySpan<float> outputs)
    {
        var probabilities = outputs.ToArray();
        if (Activation == LabelActivation.Sigmoid)
            TensorPrimitives.Sigmoid(outputs, probabilities);
        else if (Activation == LabelActivation.Softmax)
        {
            TensorPrimitives.Subtract(outputs, TensorPrimitives.Max(outputs), probabilities);
            TensorPrimitives.SoftMax(probabilities, probabilities);
        }
        return probabilities;
    }
}
