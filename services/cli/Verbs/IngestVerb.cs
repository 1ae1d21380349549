using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Estimate;
using Millrace.Cli.Ingest;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace ingest FILES...</c>: posts into a workflow, through the broker or the REST route.</summary>
internal sealed class IngestVerb
{
    private readonly Argument<string[]> _files = new("files") { Description = "JSON Lines, CSV, JSON or Bluesky feed files; - is standard input.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _workflow = new("--workflow") { Description = "The workflow's name.", DefaultValueFactory = _ => "enrich-post" };
    private readonly Option<string?> _broker = new("--broker") { Description = "Publish to this broker's ingest exchange, such as amqp://guest:guest@127.0.0.1:5672." };
    private readonly Option<Uri?> _to = UrlOption.Create("--to", "Post to this manager instead (default: --server).");
    private readonly Option<int> _maxQueued = new("--max-queued") { Description = "Wait while more posts than this are queued or running.", DefaultValueFactory = _ => 20_000 };
    private readonly Option<bool> _follow = new("--follow") { Description = "Stay until nothing of the workflow is queued or running any more; asks the manager." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Read, check and count the posts, send nothing." };
    private readonly Option<bool> _restart = new("--restart") { Description = "Begin again although an earlier run of the same command was interrupted." };
    private readonly ServerOptions _server = new();

    public static Command Create()
    {
        var verb = new IngestVerb();
        verb._maxQueued.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
                result.AddError("--max-queued: give at least 1.");
        });
        var json = VerbAction.JsonOption();
        var command = new Command("ingest", "Send posts into a workflow; a killed run goes on where it was.")
        {
            verb._files, verb._workflow, verb._broker, verb._to, verb._maxQueued, verb._follow, verb._dryRun, verb._restart, json,
        };
        verb._server.AddTo(command);
        command.Run(json, (parsed, output, cancellationToken) =>
            parsed.GetValue(verb._dryRun) ? SurveyAsync(parsed.GetRequiredValue(verb._files), output, cancellationToken) : verb.SendAsync(parsed, output, cancellationToken));
        return command;
    }

    private static async Task<int> SurveyAsync(string[] paths, Output output, CancellationToken cancellationToken)
    {
        var survey = await PostSurvey.OfAsync(paths, cancellationToken);
        output.Write(new { read = survey.Posts, survey.Bytes, survey.Broken, sent = 0, survey.Files, survey.FirstBroken }, console =>
        {
            foreach (var file in survey.Files)
                console.WriteLine($"{file.File}: {file.Posts} posts, {file.Bytes} bytes, {file.Broken} of them broken");
            foreach (var place in survey.FirstBroken)
                console.WriteLine($"broken: {place} is no JSON object");
            console.WriteLine($"{survey.Posts} posts, {survey.Bytes} bytes; nothing was sent.");
        });
        return survey.Broken == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private async Task<int> SendAsync(ParseResult parsed, Output output, CancellationToken cancellationToken)
    {
        var (paths, workflow) = (parsed.GetRequiredValue(_files), parsed.GetRequiredValue(_workflow));
        var total = await PostSurvey.CountAsync(paths, cancellationToken);
        var estimate = SavedEstimate.Find(StateFolder.Path, paths);
        using var client = Connect(parsed);
        await using var target = await OpenAsync(parsed, client, cancellationToken);
        var follow = new IngestFollow(
            client, stop => target is BrokerTarget ? target.CountWaitingAsync(stop) : Task.FromResult(0L), workflow, TimeProvider.System);
        if (parsed.GetValue(_follow))
            await follow.BeginAsync(cancellationToken);
        var checkpoint = IngestCheckpoint.Open(StateFolder.Path, paths, workflow, target.Description, parsed.GetValue(_restart));
        var run = new IngestRun(
            paths, target, checkpoint, new IngestRoom(target, parsed.GetValue(_maxQueued), TimeProvider.System), total,
            estimate is null ? null : TimeSpan.FromMinutes(estimate.FinishMinutes), TimeProvider.System);

        output.Progress.WriteLine($"Sending {(total is { } posts ? $"{posts} posts" : "posts from standard input")} to {target.Description}");
        var display = new IngestDisplay(output, TimeProvider.System);
        var summary = await RunAsync(run, checkpoint, display, cancellationToken);
        var ended = parsed.GetValue(_follow) ? await display.TrackAsync(show => follow.RunAsync(show, cancellationToken)) : null;
        output.Write(new { summary.Read, summary.Sent, summary.Resumed, summary.RefusedCount, summary.Refused, summary.Seconds, ended?.Completed, ended?.Failed }, console => Show(console, summary, ended));
        return summary.RefusedCount == 0 && ended is not { Failed: > 0 } ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private MillraceClient Connect(ParseResult parsed) => parsed.GetValue(_to) is { } address ? _server.Connect(parsed, address) : _server.Connect(parsed);

    private async Task<IIngestTarget> OpenAsync(ParseResult parsed, MillraceClient client, CancellationToken cancellationToken)
    {
        var workflow = parsed.GetRequiredValue(_workflow);
        if (parsed.GetValue(_broker) is not { } broker)
            return new HttpTarget(client, workflow, TimeProvider.System);
        return await BrokerTarget.ConnectAsync(broker, workflow, TimeProvider.System, cancellationToken);
    }

    private static async Task<IngestSummary> RunAsync(IngestRun run, IngestCheckpoint checkpoint, IngestDisplay display, CancellationToken cancellationToken)
    {
        try
        {
            return await display.TrackAsync(show => run.RunAsync(show, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new IngestException($"Stopped; {checkpoint.Done} posts are safe. The same command goes on from there.");
        }
        catch (Exception error) when (error is IngestException or MillraceClientException && checkpoint.Done > 0)
        {
            throw new IngestException($"{error.Message} {checkpoint.Done} posts are safe; the same command goes on from there.");
        }
    }

    private static void Show(IAnsiConsole console, IngestSummary summary, FollowProgress? ended)
    {
        console.WriteLine($"{summary.Sent} sent, {summary.RefusedCount} refused, {summary.Resumed} sent by an earlier run, {summary.Seconds:0.0} s");
        foreach (var refusal in summary.Refused)
            console.WriteLine("refused: " + refusal);
        if (ended is not null)
            console.WriteLine($"{ended.Completed} requests completed, {ended.Failed} failed since this command began");
    }
}
