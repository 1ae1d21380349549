using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Millrace.Standalone;
using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Definitions.Plans;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace plan FILE</c>: what a changed file would do to running requests, before it is applied.</summary>
internal static class PlanVerb
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "The changed workflow file or folder." };
        var against = new Option<string?>("--against")
        {
            Description = "A file or folder to compare with, instead of what the manager has in force (without one: MILLRACE_WORKFLOWS or the shipped folder).",
        };
        var replaces = new Option<string?>("--replaces") { Description = "The file in force that the changed file takes the place of (default: the one of its name)." };
        var json = VerbAction.JsonOption();
        var server = new ServerOptions();
        var verb = new Command("plan", "Say what a change of workflows does to running requests.") { path, against, replaces, json };
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var changed = parsed.GetRequiredValue(path);
            var after = ValidateVerb.Read(changed);
            if (after.HasErrors)
                return ShowProblems(after);
            using var client = server.Connect(parsed);
            var inForce = await DefinitionsInForce.FindAsync(client, cancellationToken);
            if (inForce is null)
                output.Progress.WriteLine($"No manager answers at {client.Server}, so running requests are not counted.");
            var compared = parsed.GetValue(against);
            var before = compared is null && inForce is not null
                ? new PlanBase(inForce.Definitions, inForce.Files)
                : PlanBase.Of(ValidateVerb.Read(compared ?? Environment.GetEnvironmentVariable("MILLRACE_WORKFLOWS") ?? InstallPaths.Workflows));
            if (before.Reading is { HasErrors: true } broken)
                return ShowProblems(broken);
            // A folder takes the place of all, and so does a file that is compared with another one.
            var isWhole = Directory.Exists(changed) || File.Exists(compared);
            var replaced = isWhole ? before.All : before.ReplacedBy(parsed.GetValue(replaces) ?? Path.GetFileName(changed), after);
            if (before.FindClash(replaced, after) is { } clash)
                return output.Fail(clash);
            var plan = DefinitionPlan.Of(before.Definitions, replaced, after.Definitions, inForce?.Standing ?? new Dictionary<string, WorkflowStanding>());
            output.Write(plan, console => Show(console, plan));
            return ExitCodes.Ok;
        });
        return verb;
    }

    private static int ShowProblems(DefinitionReading reading)
    {
        foreach (var problem in reading.Problems)
            Console.Error.WriteLine(problem);
        return ExitCodes.Failed;
    }

    private static void Show(IAnsiConsole console, DefinitionPlan plan)
    {
        foreach (var workflow in plan.Workflows)
        {
            console.WriteLine($"{workflow.Name}: {workflow.Kind.ToString().ToLowerInvariant()} {workflow.OldVersion} -> {workflow.NewVersion}");
            foreach (var change in workflow.Changes)
                console.WriteLine($"  {change.Setting}: {change.Before ?? "(none)"} -> {change.After ?? "(none)"}");
            foreach (var note in workflow.Notes)
                console.WriteLine("  " + note);
        }
        foreach (var queue in plan.NewQueues)
            console.WriteLine($"New queue {queue}: it needs a worker.");
        foreach (var queue in plan.IdleQueues)
            console.WriteLine($"Queue {queue} gets work only from requests that already run.");
        if (plan.IsEmpty)
            console.WriteLine("Nothing changes.");
    }
}
