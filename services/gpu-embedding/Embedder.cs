using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Models;

namespace Millrace.GpuEmbedding;

/// <summary>The service's one model: loaded and warmed up before the service says it is ready, with the cache in front of it.</summary>
public sealed partial class Embedder(EmbeddingOptions options, TimeProvider time, ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    private static readonly InferenceTimings FromCache = new(0, 0, 0);
    private readonly ILogger _logger = loggers.CreateLogger<Embedder>();
    private TextEmbedderModel? _model;

    /// <exception cref="InvalidOperationException">The service has not started yet.</exception>
    public TextEmbedderModel Model => _model ?? throw new InvalidOperationException("The model is not loaded yet.");

    public bool IsLoaded => _model is not null;

    public VectorCache Cache { get; } = new(options.CacheItems);

    /// <exception cref="ConfigurationException">The model cannot be loaded; the file and the fix are named.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var model = await TextEmbedderModel.LoadAsync(FindFolder(options.ModelFolder), options, time, loggers, cancellationToken);
        try
        {
            Check(model);
        }
        catch
        {
            await model.DisposeAsync();
            throw;
        }
        _model = model;
        LogReady(model.Name, model.Revision, string.Join(", ", model.Engine.Devices), time.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>The model outlives the workers, which finish what they hold; it goes with the container.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_model is not null)
            await _model.DisposeAsync();
    }

    /// <exception cref="EmbedOptionException">The prompt is not known or the dimensions are out of range.</exception>
    /// <exception cref="OverloadedException">Too many texts wait.</exception>
    /// <exception cref="NonFiniteOutputException">The model gives no number for this text.</exception>
    public async Task<Embedding> EmbedAsync(string text, EmbedOptions wanted, CancellationToken cancellationToken)
    {
        var embed = WithDefaults(wanted);
        var key = VectorCache.KeyOf(text, Model.Revision, embed);
        if (Cache.Find(key) is { } known)
            return known with { Timings = FromCache };
        var embedding = await Model.EmbedAsync(text, embed, cancellationToken);
        Cache.Keep(key, embedding);
        return embedding;
    }

    /// <summary>Embeds ids that a caller has made.</summary>
    public Task<Embedding> EmbedAsync(ReadOnlySpan<int> ids, EmbedOptions wanted, CancellationToken cancellationToken) =>
        Model.EmbedAsync(ids, WithDefaults(wanted), cancellationToken);

    private EmbedOptions WithDefaults(EmbedOptions wanted) => wanted with
    {
        Dimensions = wanted.Dimensions ?? (options.DefaultDimensions > 0 ? options.DefaultDimensions : null),
    };

    private void Check(TextEmbedderModel model)
    {
        var problems = new List<string>();
        if (options.DefaultDimensions > model.Dimensions)
            problems.Add($"{EmbeddingOptions.Section}:DefaultDimensions is {options.DefaultDimensions}; {model.Name} has {model.Dimensions}. Set at most that.");
        if (options.StepPrompt.Length > 0 && !model.Prompts.Contains(options.StepPrompt))
            problems.Add($"{EmbeddingOptions.Section}:StepPrompt '{options.StepPrompt}' is not a prompt of {model.Name}; it has: {string.Join(", ", model.Prompts)}.");
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
    }

    /// <summary>So that a service finds the bundled model from a project's folder as well as from the root.</summary>
    internal static string FindFolder(string path)
    {
        if (Path.IsPathRooted(path) || Directory.Exists(path))
            return path;
        string[] starts = [Directory.GetCurrentDirectory(), AppContext.BaseDirectory];
        foreach (var start in starts)
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Path.Combine(folder.FullName, path) is var found && Directory.Exists(found))
                    return found;
            }
        }
        return path;
    }

    [LoggerMessage(LogLevel.Information, "Embedder {Model} {ModelRevision} is ready on {Devices} after {Seconds:0.0} s")]
    private partial void LogReady(string model, string modelRevision, string devices, double seconds);
}
