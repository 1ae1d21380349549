using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Tokenizers;

namespace Millrace.Inference.Models;

/// <summary>
/// An embedder from a folder in the layout of sentence-transformers. Safe for use from many threads; texts that are embedded at one
/// time share batches.
/// </summary>
public sealed class TextEmbedderModel : IAsyncDisposable
{
    private readonly TextModel _model;
    private readonly EmbeddingRecipe _recipe;

    private TextEmbedderModel(TextModel model, EmbeddingRecipe recipe, int dimensions) =>
        (_model, _recipe, Dimensions) = (model, recipe, dimensions);

    public string Name => _model.Folder.Name;

    /// <summary>12 hex digits of a hash over the files that decide its outputs: model, tokenizer, labels, settings.</summary>
    public string Revision => _model.Revision;

    /// <summary>Values of a whole vector.</summary>
    public int Dimensions { get; }

    /// <summary>Longest text that is read as a whole, special tokens included.</summary>
    public int MaxTokens => _model.MaxTokens;

    public Pooling Pooling => _recipe.Pooling;

    public bool Normalizes => _recipe.Normalize;

    /// <summary>Names of the prompts that can be asked for.</summary>
    public IEnumerable<string> Prompts => _recipe.Prompts.Keys;

    public ITextTokenizer Tokenizer => _model.Tokenizer;

    public InferenceEngine Engine => _model.Engine;

    /// <summary>Reads the folder, opens the devices and warms them up; takes seconds.</summary>
    /// <exception cref="ConfigurationException">A setting or a file is wrong; the file and the fix are named.</exception>
    public static async Task<TextEmbedderModel> LoadAsync(
        string folder, InferenceOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        string[] outputs = ["sentence_embedding", "last_hidden_state", "token_embeddings"];
        var model = await Task.Run(() => TextModel.Load(folder, options, outputs, time, loggers), cancellationToken);
        try
        {
            var recipe = EmbeddingRecipe.Read(model.Folder);
            if (recipe.DefaultPrompt is { } prompt && !recipe.Prompts.ContainsKey(prompt))
                throw new ConfigurationException(
                    $"{model.Folder.FullPath}/config_sentence_transformers.json: default_prompt_name '{prompt}' is not among its prompts; add it there.");
            var probe = await model.RunAsync("text", cancellationToken);
            return new TextEmbedderModel(model, recipe, probe.Result.Values.Length / probe.Result.Positions);
        }
        catch
        {
            await model.DisposeAsync();
            throw;
        }
    }

    /// <param name="text">Truncated as the options say if it is too long.</param>
    /// <param name="options">Prompt and dimensions.</param>
    /// <param name="cancellationToken">Takes the text out of the queue.</param>
    /// <exception cref="EmbedOptionException">The prompt is not known or the dimensions are out of range.</exception>
    /// <exception cref="OverloadedException">Too many texts wait; thrown before anything is queued.</exception>
    /// <exception cref="NonFiniteOutputException">The model gives no number for this text.</exception>
    public Task<Embedding> EmbedAsync(string text, EmbedOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        return PoolAsync(_model.RunAsync(Prefix(options) + text, cancellationToken), options);
    }

    /// <summary>Embeds ids that a caller has made, without special tokens; no prompt goes before them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    /// <exception cref="EmbedOptionException">The prompt is not known or the dimensions are out of range.</exception>
    /// <exception cref="OverloadedException">Too many texts wait; thrown before anything is queued.</exception>
    public Task<Embedding> EmbedAsync(ReadOnlySpan<int> ids, EmbedOptions options, CancellationToken cancellationToken)
    {
        Check(options);
        return PoolAsync(_model.RunAsync(ids, cancellationToken), options);
    }

    public ValueTask DisposeAsync() => _model.DisposeAsync();

    private void Check(EmbedOptions options)
    {
        if (options.Dimensions is { } dimensions && (dimensions < 1 || dimensions > Dimensions))
            throw new EmbedOptionException("dimensions", $"dimensions must be 1 to {Dimensions}, not {dimensions}.");
        if (options.Prompt is { } prompt && !_recipe.Prompts.ContainsKey(prompt))
            throw new EmbedOptionException("prompt", $"there is no prompt '{prompt}'; there is: {string.Join(", ", Prompts)}.");
    }

    private string Prefix(EmbedOptions options) =>
        (options.Prompt ?? _recipe.DefaultPrompt) is { } name ? _recipe.Prompts[name] : "";

    private async Task<Embedding> PoolAsync(Task<TextRun> running, EmbedOptions options)
    {
        var run = await running;
        var values = run.Result.Positions == 1 && run.Result.Values.Length == Dimensions
            ? run.Result.Values.ToArray()
            : Pools.Pool(_recipe.Pooling, run.Result.Values.Span, run.Text.Tokens, Dimensions);
        if (options.Dimensions is { } dimensions && dimensions < values.Length)
            values = values[..dimensions];
        if (_recipe.Normalize)
            Pools.Normalize(values);
        return new Embedding(values, run.Text.Tokens, run.Text.Truncated, Revision, run.Timings);
    }
}
