using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Sessions;
using Millrace.Inference.Tokenizers;
using Millrace.Inference.Tokenizers.Files;

namespace Millrace.Inference.Models;

/// <summary>What embedders and classifiers share: a folder's model and tokenizer, with an engine that runs them.</summary>
internal sealed class TextModel : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly string _file;
    private readonly TokenLimit _limit;

    private TextModel(ModelFolder folder, string file, ITextTokenizer tokenizer, TokenLimit limit, InferenceEngine engine, TimeProvider time)
    {
        (Folder, _file, Tokenizer, _limit, Engine, _time) = (folder, file, tokenizer, limit, engine, time);
        Revision = ModelRevision.Of(folder, file);
    }

    public ModelFolder Folder { get; }

    public string Revision { get; }

    public ITextTokenizer Tokenizer { get; }

    public InferenceEngine Engine { get; }

    public int MaxTokens => _limit.MaxTokens;

    /// <summary>Reads the folder, opens the devices and warms them up. Takes seconds; call it off the threads that serve.</summary>
    /// <exception cref="ConfigurationException">A setting or a file is wrong.</exception>
    [SuppressMessage("Reliability", "CA2000", Justification = "The sessions are the engine's from here on.")]
    public static TextModel Load(
        string path, InferenceOptions options, IReadOnlyList<string> outputs, TimeProvider time, ILoggerFactory loggers)
    {
        if (options.Problems() is { Count: > 0 } problems)
            throw new ConfigurationException(problems);
        var folder = new ModelFolder(path);
        var file = folder.FindModel(options.Precision);
        var tokenizer = TokenizerFolder.Load(folder.FullPath);
        if (tokenizer is NgramTextTokenizer && options.Keep != KeptPart.Head)
            throw new ConfigurationException($"{folder.FullPath}: a model of hashed n-grams keeps the head of a long text; set Keep to 'head'.");
        var most = folder.MaxTokens(options.MaxTokens);
        var limit = new TokenLimit(options.MaxTokens > 0 ? Math.Min(options.MaxTokens, most) : most, options.Keep);
        if (limit.MaxTokens <= tokenizer.SpecialTokens)
            throw new ConfigurationException($"MaxTokens {limit.MaxTokens} leaves no room beside {tokenizer.SpecialTokens} special tokens; set more.");
        var (sessions, batching) = new WarmSessions(file, outputs, limit.MaxTokens, tokenizer.PaddingId, options, time, loggers).Open();
        var engine = new InferenceEngine(sessions, batching, time, loggers.CreateLogger<InferenceEngine>());
        return new TextModel(folder, file, tokenizer, limit, engine, time);
    }

    /// <param name="besides">A file that has come into the folder since.</param>
    public bool Has(string revision, string? besides) => revision == Revision || revision == ModelRevision.Former(Folder, _file, besides);

    public Task<TextRun> RunAsync(string text, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        return RunAsync(Tokenizer.Encode(text, _limit), started, cancellationToken);
    }

    /// <summary>The parts of a text after the one that <see cref="RunAsync(string, CancellationToken)"/> reads; of a tokenizer of hashed n-grams.</summary>
    /// <param name="maxParts">The first is counted.</param>
    public IEnumerable<int[]> Rest(string text, int maxParts, out bool truncated) =>
        ((NgramTextTokenizer)Tokenizer).EncodeParts(text, _limit, maxParts, out truncated).Skip(1);

    /// <param name="ids">Without special tokens.</param>
    public Task<TextRun> RunAsync(ReadOnlySpan<int> ids, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        return RunAsync(Tokenizer.Wrap(ids, _limit), started, cancellationToken);
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private Task<TextRun> RunAsync(TokenizedText text, long started, CancellationToken cancellationToken)
    {
        var tokenizeMs = _time.GetElapsedTime(started).TotalMilliseconds;
        var queued = Engine.RunAsync(text.Ids, cancellationToken);
        return AwaitAsync(queued, text, tokenizeMs);
    }

    private static async Task<TextRun> AwaitAsync(Task<InferenceResult> queued, TokenizedText text, double tokenizeMs)
    {
        var result = await queued;
        return new TextRun(text, result, new InferenceTimings(result.QueueMs, tokenizeMs, result.InferenceMs));
    }
}

/// <summary>One text through a model.</summary>
internal sealed record TextRun(TokenizedText Text, InferenceResult Result, InferenceTimings Timings);
