using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Millrace.Contracts.Views;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace cancel</c> and <c>millrace redrive</c>: of one request by its id, or of all that match a filter.</summary>
internal static class OperateVerbs
{
    public static Command CreateCancel() => Create("cancel", "Cancel running requests.", fromStep: null, failedItems: null);

    public static Command CreateRedrive() => Create(
        "redrive", "Run failed requests again from the step that failed.",
        new Option<string?>("--from-step") { Description = "Run again from this step instead, whatever became of it." },
        new Option<bool>("--failed-items") { Description = "With --from-step: only the items of its task that did not complete." });

    private static Command Create(string name, string description, Option<string?>? fromStep, Option<bool>? failedItems)
    {
        var id = new Argument<Guid?>("id") { Description = "One request; leave it out to go by the filters.", Arity = ArgumentArity.ZeroOrOne };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be changed and what refused, change nothing." };
        var json = VerbAction.JsonOption();
        var filter = new FilterOptions();
        var server = new ServerOptions();
        var verb = new Command(name, description) { id, dryRun, json };
        if (fromStep is not null)
            verb.Options.Add(fromStep);
        if (failedItems is not null)
            verb.Options.Add(failedItems);
        filter.AddTo(verb);
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            if (parsed.GetValue(id) is null && filter.IsEmpty(parsed))
            {
                Console.Error.WriteLine($"Name a request, or at least one filter such as --workflow: {name} does not touch everything by accident.");
                return ExitCodes.Usage;
            }
            if (parsed.GetValue(id) is not null && (!filter.IsEmpty(parsed) || parsed.GetValue(dryRun)))
            {
                Console.Error.WriteLine("Name a request or filters, not both; --dry-run goes with filters.");
                return ExitCodes.Usage;
            }
            var step = fromStep is null ? null : parsed.GetValue(fromStep);
            var items = failedItems is not null && parsed.GetValue(failedItems) ? "failed" : null;
            if (items is not null && step is null)
            {
                Console.Error.WriteLine("--failed-items goes with --from-step: name the step that runs the task.");
                return ExitCodes.Usage;
            }
            using var client = server.Connect(parsed);
            return parsed.GetValue(id) is { } one
                ? await ActOnOneAsync(client, step is null ? $"api/requests/{one}/{name}" : $"api/requests/{one}/restart?step={Uri.EscapeDataString(step)}&items={items ?? "all"}", output, cancellationToken)
                : await ActOnManyAsync(client, after => $"api/requests/{name}" + filter.ToQuery(
                    parsed, ("dryRun", parsed.GetValue(dryRun) ? "true" : "false"), ("fromStep", step), ("items", items), ("limit", BulkRun.PageSize), ("after", after)), output, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> ActOnOneAsync(MillraceClient client, string path, Output output, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(path, ReadOnlyMemory<byte>.Empty, cancellationToken);
        output.Write(answer, console => console.WriteLine(answer.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
        return ExitCodes.Ok;
    }

    private static async Task<int> ActOnManyAsync(MillraceClient client, Func<string?, string> pathBehind, Output output, CancellationToken cancellationToken)
    {
        var sum = await new BulkRun(client, pathBehind).RunAsync(
            so => output.Progress.WriteLine($"{so.Matched:N0} looked at, {so.Changed:N0} changed, {so.Refused:N0} refused, {so.Failed:N0} failed"), cancellationToken);
        output.Write(sum, console => Show(console, sum));
        return sum.Failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void Show(IAnsiConsole console, BulkView sum)
    {
        console.WriteLine(sum.DryRun
            ? $"{sum.Matched - sum.Refused - sum.Failed:N0} of {sum.Matched:N0} that match would be changed."
            : $"{sum.Changed:N0} of {sum.Matched:N0} that match were changed.");
        foreach (var problem in sum.Problems ?? [])
            console.WriteLine($"{problem.Id} {problem.Outcome}: {problem.Reason}");
        if (sum.Refused + sum.Failed - (sum.Problems?.Count ?? 0) is > 0 and var others)
            console.WriteLine($"... and {others:N0} others were refused or failed.");
    }
}
