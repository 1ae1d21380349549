using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Inference.Benchmark;
using Millrace.Inference.Models;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>Measures the engine against a bare loop over the same texts, in turns in one run, so that a busy machine slows both.</summary>
public static class EmbedBenchmark
{
    /// <exception cref="ConfigurationException">An option is wrong or the model cannot be loaded.</exception>
    public static async Task<EmbedBenchmarkResult> RunAsync(
        EmbedBenchmarkOptions options, TimeProvider time, ILoggerFactory loggers, IProgress<string> progress, CancellationToken cancellationToken)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw new ConfigurationException([.. problems.Select(problem => problem.ErrorMessage ?? "")]);
        if (options.ModelFolder is { } given)
            return await MeasureAsync(given, options, time, loggers, progress, cancellationToken);
        var made = Directory.CreateTempSubdirectory("millrace-yardstick-");
        try
        {
            progress.Report("Making the yardstick model ...");
            Yardstick.Write(made.FullName, options.Texts);
            return await MeasureAsync(made.FullName, options, time, loggers, progress, cancellationToken);
        }
        finally
        {
            made.Delete(recursive: true);
        }
    }

    private static async Task<EmbedBenchmarkResult> MeasureAsync(
        string folder, EmbedBenchmarkOptions options, TimeProvider time, ILoggerFactory loggers, IProgress<string> progress,
        CancellationToken cancellationToken)
    {
        var batching = options.Inference.Batching;
        var inference = options.Inference with
        {
            Batching = batching with { QueueLimitItems = Math.Max(batching.QueueLimitItems, options.InFlight) },
        };
        await using var model = await TextEmbedderModel.LoadAsync(folder, inference, time, loggers, cancellationToken);
        var loops = BareLoop.Beside(model.Engine, folder, options.Inference, model.Tokenizer.PaddingId);
        try
        {
            progress.Report("Looking for the bare loop's best batch size ...");
            var texts = Enumerable.Range(0, options.TextsPerRound).Select(i => options.Texts[i % options.Texts.Count]).ToList();
            var run = new EmbedBenchmarkRun(model, loops, texts, options.InFlight, time);
            await run.WarmUpAsync(cancellationToken);
            for (var round = 1; round <= options.Rounds; round++)
            {
                progress.Report($"Round {round} of {options.Rounds} ...");
                await run.RoundAsync(cancellationToken);
            }
            return run.Result(options);
        }
        finally
        {
            foreach (var loop in loops)
                loop.Dispose();
        }
    }
}
