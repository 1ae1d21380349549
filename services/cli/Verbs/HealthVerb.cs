using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace health</c>: exit code 0 only while the service is ready; for container health checks.</summary>
internal static class HealthVerb
{
    public static Command Create()
    {
        var json = VerbAction.JsonOption();
        var server = new ServerOptions();
        var verb = new Command("health", "Ask a service whether it is ready.") { json };
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            using var client = server.Connect(parsed);
            var health = await client.GetAsync("health/ready", cancellationToken);
            output.Write(health, console => console.WriteLine(health["status"]?.ToString() ?? ""));
            return ExitCodes.Ok;
        });
        return verb;
    }
}
