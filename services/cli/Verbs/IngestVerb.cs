using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Ingest;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Millrace.Messaging;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace ingest FILES...</c>: posts into a workflow, through the broker or the REST route.</summary>
internal static class IngestVerb
{
    private const int GroupSize = 100;

    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "JSON Lines, CSV, JSON or Bluesky feed files; - is standard input.", Arity = ArgumentArity.OneOrMore };
        var workflow = new Option<string>("--workflow") { Description = "The workflow's name.", DefaultValueFactory = _ => "enrich-post" };
        var broker = new Option<string?>("--broker") { Description = "Publish to this broker's ingest exchange, such as amqp://guest:guest@127.0.0.1:5672." };
        var to = UrlOption.Create("--to", "Post to this manager instead (default: --server).");
        var maxQueued = new Option<int>("--max-queued") { Description = "Wait while more posts than this are queued or running.", DefaultValueFactory = _ => 20_000 };
        var dryRun = new Option<bool>("--dry-run") { Description = "Read and count the posts, send nothing." };
        var restart = new Option<bool>("--restart") { Description = "Begin again although an earlier run of the same files was interrupted." };
        var json = VerbAction.JsonOption();
        var server = new ServerOptions();
        var verb = new Command("ingest", "Send posts into a workflow.") { files, workflow, broker, to, maxQueued, dryRun, restart, json };
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var paths = parsed.GetRequiredValue(files);
            if (parsed.GetValue(dryRun))
                return await CountAsync(paths, output, cancellationToken);
            await using var target = await OpenAsync(
                parsed.GetValue(broker), parsed.GetRequiredValue(workflow), parsed.GetValue(maxQueued),
                () => parsed.GetValue(to) is { } address ? server.Connect(parsed, address) : server.Connect(parsed), cancellationToken);
            var checkpoint = IngestCheckpoint.Open(StateFolder, paths, parsed.GetRequiredValue(workflow), target.Description, parsed.GetValue(restart));
            return await SendAsync(new IngestRun(paths, target, checkpoint, GroupSize), output, target.Description, cancellationToken);
        });
        return verb;
    }

    /// <summary>Where interrupted ingests are remembered.</summary>
    private static string StateFolder => Path.Combine(Environment.CurrentDirectory, ".millrace");

    private static async Task<IIngestTarget> OpenAsync(
        string? broker, string workflow, int maxQueued, Func<MillraceClient> connect, CancellationToken cancellationToken)
    {
        if (broker is null)
            return new HttpTarget(connect(), workflow, maxQueued, TimeProvider.System);
        var bus = BusFactory.Create(broker);
        await bus.StartAsync(cancellationToken);
        return new BrokerTarget(bus, workflow, maxQueued, TimeProvider.System);
    }

    private static async Task<int> CountAsync(string[] paths, Output output, CancellationToken cancellationToken)
    {
        var (posts, bytes) = (0L, 0L);
        foreach (var path in paths)
        {
            await foreach (var post in PostFile.ReadAsync(path, cancellationToken))
                (posts, bytes) = (posts + 1, bytes + post.Body.Length);
        }
        output.Write(new { read = posts, bytes, sent = 0 }, console => console.WriteLine($"{posts} posts, {bytes} bytes; nothing was sent."));
        return ExitCodes.Ok;
    }

    private static async Task<int> SendAsync(IngestRun run, Output output, string target, CancellationToken cancellationToken)
    {
        output.Progress.WriteLine($"Sending to {target}");
        var summary = await RateProgress.TrackAsync(output, "posts", progress => run.RunAsync(progress, cancellationToken));
        output.Write(summary, console =>
        {
            console.WriteLine($"{summary.Sent} sent, {summary.RefusedCount} refused, {summary.Resumed} sent by an earlier run, {summary.Seconds:0.0} s");
            foreach (var refusal in summary.Refused)
                console.WriteLine("refused: " + refusal);
        });
        return summary.RefusedCount == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
