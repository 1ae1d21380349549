using System.CommandLine;
using System.Text.Json.Nodes;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace status ID</c>: one request with its steps, and why it is where it is.</summary>
internal static class StatusVerb
{
    public static Command Create()
    {
        var id = new Argument<Guid>("id") { Description = "The request's id." };
        var wait = new Option<string?>("--wait") { Description = "Wait up to this long for the end, such as 30s." };
        var json = VerbAction.JsonOption();
        var server = new ServerOptions();
        var verb = new Command("status", "Show a request.") { id, wait, json };
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            using var client = server.Connect(parsed);
            var query = parsed.GetValue(wait) is { } time ? "?wait=" + Uri.EscapeDataString(time) : "";
            var request = await client.GetAsync($"api/requests/{parsed.GetRequiredValue(id)}{query}", cancellationToken);
            output.Write(request, console => Show(console, request));
            return request["status"]?.ToString() is "failed" or "cancelled" ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return verb;
    }

    private static void Show(IAnsiConsole console, JsonNode request)
    {
        console.WriteLine($"{request["id"]}  {request["workflow"]} version {request["version"]}");
        console.WriteLine($"{request["status"]}  key {request["key"]}  created {request["createdAt"]}  updated {request["updatedAt"]}");
        if (request["why"] is { } why)
            console.WriteLine("why: " + Sentence(why));
        var table = new Table().AddColumns("step", "status", "attempt", "queue", "started", "finished", "error");
        foreach (var step in request["steps"]?.AsArray() ?? [])
        {
            string Cell(string name) => Markup.Escape(step?[name]?.ToString() ?? "");
            var error = step?["error"] is JsonObject failure ? Markup.Escape($"{failure["type"]}: {failure["message"]}") : "";
            table.AddRow(Cell("name"), Cell("status"), Cell("attempt"), Cell("queue"), Cell("startedAt"), Cell("finishedAt"), error);
        }
        console.Write(table);
        if (request["result"] is { } result)
            console.WriteLine("result: " + Shorten(result.ToJsonString()));
    }

    private static string Sentence(JsonNode why) => why is JsonObject parts ? $"{parts["message"] ?? parts["sentence"]} ({parts["code"]})" : why.ToString();

    private static string Shorten(string text) => text.Length <= 2000 ? text : text[..2000] + " ... (use --json for all)";
}
