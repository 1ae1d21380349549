using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Millrace.GpuEmbedding.Benchmark;
using Millrace.Inference;
using Millrace.Inference.Batching;
using Millrace.Standalone;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>The batching engine beside a bare ONNX Runtime loop at its best batch size, on the same texts.</summary>
internal static class BenchEmbedVerb
{
    public static Command Create()
    {
        var model = new Option<string?>("--model") { Description = "A model folder (default: MiniLM-L6's shape with random weights, made for the run)." };
        var texts = new Option<string>("--texts") { Description = "A post file to take texts from.", DefaultValueFactory = _ => InstallPaths.Samples };
        var perRound = new Option<int>("--texts-per-round") { Description = "Texts of one round.", DefaultValueFactory = _ => 1_000 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of each side, in turns.", DefaultValueFactory = _ => 3 };
        var device = new Option<DeviceKind>("--device") { Description = "auto, cuda or cpu.", DefaultValueFactory = _ => DeviceKind.Auto };
        var budget = new Option<int?>("--max-batch-tokens") { Description = "Tokens of a batch, padding counted." };
        var items = new Option<int?>("--max-batch-items") { Description = "Texts of a batch; more for a large budget of tokens." };
        var inFlight = new Option<int>("--in-flight") { Description = "Texts handed over before an answer is waited for: those of two batches at least.", DefaultValueFactory = _ => 512 };
        var threads = new Option<int>("--threads") { Description = "Threads of one batch; 0: all cores." };
        var streams = new Option<int>("--streams") { Description = "Batches that the CPU runs side by side; 0: as the service chooses." };
        var json = VerbAction.JsonOption();
        var verb = new Command("embed", "The embedder.") { model, texts, perRound, rounds, device, budget, items, inFlight, threads, streams, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var batching = new EngineOptions();
            var options = new EmbedBenchmarkOptions
            {
                ModelFolder = parsed.GetValue(model),
                Texts = await PostTexts.ReadAsync(parsed.GetRequiredValue(texts), parsed.GetValue(perRound), cancellationToken),
                TextsPerRound = parsed.GetValue(perRound),
                Rounds = parsed.GetValue(rounds),
                InFlight = parsed.GetValue(inFlight),
                Inference = new InferenceOptions
                {
                    Device = parsed.GetValue(device),
                    IntraOpThreads = parsed.GetValue(threads),
                    CpuStreams = parsed.GetValue(streams),
                    Batching = batching with
                    {
                        MaxBatchTokens = parsed.GetValue(budget) ?? batching.MaxBatchTokens,
                        MaxBatchItems = parsed.GetValue(items) ?? batching.MaxBatchItems,
                    },
                },
            };
            var result = await EmbedBenchmark.RunAsync(options, TimeProvider.System, NullLoggerFactory.Instance, new Lines(output), cancellationToken);
            output.Write(result, console => console.WriteLine(
                $"{result.PostsPerSecond:0} posts/s, {result.TokensPerSecond:0} tokens/s, {result.RatioToBareLoop:P0} of {result.BareStreams} bare loop{(result.BareStreams == 1 ? "" : "s")} at batch {result.BareBatchSize}, padding {result.PaddingWaste:P1}, tokenising {result.TokenizeTokensPerSecond:0} tokens/s"));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private sealed class Lines(Output output) : IProgress<string>
    {
        public void Report(string value) => output.Progress.WriteLine(value);
    }
}
