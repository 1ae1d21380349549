using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace list</c>: requests, newest first, by workflow, status, key, error or step.</summary>
internal static class ListVerb
{
    public static Command Create()
    {
        var limit = new Option<int>("--limit") { Description = "At most this many, 1 to 1000.", DefaultValueFactory = _ => 20 };
        var after = new Option<string?>("--after") { Description = "The cursor that the page before ended with." };
        var json = VerbAction.JsonOption();
        var filter = new FilterOptions();
        var server = new ServerOptions();
        var verb = new Command("list", "List requests.") { limit, after, json };
        filter.AddTo(verb);
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            using var client = server.Connect(parsed);
            var query = filter.ToQuery(parsed, ("limit", parsed.GetValue(limit).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("after", parsed.GetValue(after)));
            var page = await client.GetAsync("api/requests" + query, cancellationToken);
            output.Write(page, console =>
            {
                var table = new Table().AddColumns("id", "workflow", "key", "status", "created", "updated");
                foreach (var item in page["items"]!.AsArray())
                    table.AddRow([.. new[] { "id", "workflow", "key", "status", "createdAt", "updatedAt" }.Select(name => Markup.Escape(item?[name]?.ToString() ?? ""))]);
                console.Write(table);
                if (page["next"]?.ToString() is { } next)
                    console.WriteLine("more: --after " + next);
            });
            return ExitCodes.Ok;
        });
        return verb;
    }
}
