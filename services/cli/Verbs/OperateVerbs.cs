using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace cancel</c> and <c>millrace redrive</c>: of one request by its id, or of all that match a filter.</summary>
internal static class OperateVerbs
{
    public static Command CreateCancel() => Create("cancel", "Cancel running requests.", fromStep: null);

    public static Command CreateRedrive() => Create(
        "redrive", "Run failed requests again from the step that failed.",
        new Option<string?>("--from-step") { Description = "Restart one request from this step instead." });

    private static Command Create(string name, string description, Option<string?>? fromStep)
    {
        var id = new Argument<Guid?>("id") { Description = "One request; leave it out to go by the filters.", Arity = ArgumentArity.ZeroOrOne };
        var dryRun = new Option<bool>("--dry-run") { Description = "Count what matches, change nothing." };
        var json = VerbAction.JsonOption();
        var filter = new FilterOptions();
        var server = new ServerOptions();
        var verb = new Command(name, description) { id, dryRun, json };
        if (fromStep is not null)
            verb.Options.Add(fromStep);
        filter.AddTo(verb);
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            if (parsed.GetValue(id) is null && filter.IsEmpty(parsed))
            {
                Console.Error.WriteLine($"Name a request, or at least one filter such as --workflow: {name} does not touch everything by accident.");
                return ExitCodes.Usage;
            }
            using var client = server.Connect(parsed);
            var step = fromStep is null ? null : parsed.GetValue(fromStep);
            var path = parsed.GetValue(id) is { } one
                ? step is null ? $"api/requests/{one}/{name}" : $"api/requests/{one}/restart?step={Uri.EscapeDataString(step)}"
                : $"api/requests/{name}{filter.ToQuery(parsed, ("dryRun", parsed.GetValue(dryRun) ? "true" : "false"))}";
            var answer = await client.PostAsync(path, ReadOnlyMemory<byte>.Empty, cancellationToken);
            output.Write(answer, console => console.WriteLine(answer.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
            return ExitCodes.Ok;
        });
        return verb;
    }
}
