using System.CommandLine;
using System.CommandLine.Parsing;
using Millrace.Cli.Terminal;
using Millrace.Cli.Verbs;
using Millrace.Cli.Verbs.Bench;

namespace Millrace.Cli;

/// <summary>The one door: <c>millrace VERB ...</c>. Exit codes: 0 ok, 1 failed, 2 usage.</summary>
internal static class EntryPoint
{
    /// <summary>Longer than the host's own limit: what serves finishes what it holds, acknowledges and leaves.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(11);

    public static async Task<int> Main(string[] args)
    {
        var parsed = CreateRoot().Parse(args is ["help", .. var verb] ? [.. verb, "--help"] : args);
        if (LacksVerb(parsed))
            return ShowVerbs(args);
        if (parsed.Errors.Count > 0)
            return ExplainUsage(parsed);
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopLimit });
    }

    public static RootCommand CreateRoot() => new("Millrace enriches streams of posts: a bus, a workflow in YAML, and the state of every request. In a checkout also: test, chaos, fuzz, soak, mutate, sbom.")
    {
        DemoVerb.Create(),
        UpVerb.Create(),
        UpVerb.CreateRun(),
        IngestVerb.Create(),
        StatusVerb.Create(),
        ListVerb.Create(),
        OperateVerbs.CreateCancel(),
        OperateVerbs.CreateRedrive(),
        ValidateVerb.Create(),
        PlanVerb.Create(),
        EstimateVerb.Create(),
        ExportVerb.Create(),
        CalibrateVerb.Create(),
        DriftVerb.Create(),
        BenchVerb.Create(),
        KeyVerb.Create(),
        HealthVerb.Create(),
    };

    /// <summary>What is a list of verbs by itself, such as <c>millrace</c> or <c>millrace bench</c>.</summary>
    private static bool LacksVerb(ParseResult parsed) =>
        parsed.Errors.Count > 0 && parsed.UnmatchedTokens.Count == 0 && parsed.CommandResult.Command.Subcommands.Count > 0;

    private static int ShowVerbs(string[] args)
    {
        CreateRoot().Parse([.. args, "--help"]).Invoke();
        return ExitCodes.Usage;
    }

    private static int ExplainUsage(ParseResult parsed)
    {
        foreach (var problem in UsageProblems(parsed))
            Console.Error.WriteLine(problem);
        Console.Error.WriteLine($"Try `{string.Join(' ', VerbsOf(parsed.CommandResult).Prepend("millrace"))} --help`.");
        return ExitCodes.Usage;
    }

    /// <summary>A verb that there is not would be told twice: as what is missing, and as what is not known.</summary>
    private static IEnumerable<string> UsageProblems(ParseResult parsed) =>
        parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens is [var unknown, ..]
            ? [$"There is no {(unknown.StartsWith('-') ? "option" : "verb")} '{unknown}'."]
            : parsed.Errors.Select(error => error.Message);

    private static IEnumerable<string> VerbsOf(CommandResult result)
    {
        var names = new Stack<string>();
        for (var current = result; current?.Parent is not null; current = current.Parent as CommandResult)
            names.Push(current.Command.Name);
        return names;
    }
}
