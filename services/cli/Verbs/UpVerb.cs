using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Millrace.Cli.Terminal;
using Millrace.Standalone;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace up</c> serves the whole suite in one process, <c>millrace run SERVICE</c> one service of it, until it is told to stop.</summary>
internal static class UpVerb
{
    public static Command Create()
    {
        var json = VerbAction.JsonOption();
        var serve = new ServeOptions();
        var verb = new Command("up", "Serve the whole suite in one process.") { json };
        serve.AddTo(verb);
        verb.Run(json, (parsed, output, cancellationToken) => ServeAsync(parsed, serve, ServiceNames.All, output, cancellationToken));
        return verb;
    }

    public static Command CreateRun()
    {
        var service = new Argument<string>("service") { Description = string.Join(", ", ServiceNames.All) + "." };
        service.AcceptOnlyFromAmong([.. ServiceNames.All]);
        var json = VerbAction.JsonOption();
        var serve = new ServeOptions();
        var verb = new Command("run", "Serve one service, for scaling out.") { service, json };
        serve.AddTo(verb);
        verb.Run(json, (parsed, output, cancellationToken) => ServeAsync(parsed, serve, [parsed.GetRequiredValue(service)], output, cancellationToken));
        return verb;
    }

    private static async Task<int> ServeAsync(
        ParseResult parsed, ServeOptions serve, IReadOnlyList<string> services, Output output, CancellationToken cancellationToken)
    {
        await using var app = await StandaloneHost.CreateAsync(serve.ToOptions(parsed, services), serve.ToSettings(parsed), cancellationToken);
        await StartAsync(app, cancellationToken);
        var url = app.Urls.First();
        output.Write(new { url, services }, console =>
        {
            console.WriteLine($"Ready on {url}: the page is there, routes under /api, /health/ready, /openapi/v1.json. Ctrl+C stops.");
        });
        await app.WaitForShutdownAsync(cancellationToken);
        return ExitCodes.Ok;
    }

    /// <summary>What has begun before the start failed ends in order.</summary>
    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception failure)
        {
            await app.StopAsync(CancellationToken.None);
            if (failure.InnerException is AddressInUseException)
                throw new IOException($"{failure.Message} Stop what serves there, or choose another port with --port.", failure);
            throw;
        }
    }
}
