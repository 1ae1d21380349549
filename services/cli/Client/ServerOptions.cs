using System.CommandLine;
using Millrace.Cli.Terminal;

namespace Millrace.Cli.Client;

/// <summary>Which manager a verb talks to: <c>--server</c> or MILLRACE_SERVER, with <c>--key</c> or MILLRACE_KEY.</summary>
internal sealed class ServerOptions
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    private readonly Option<Uri?> _server = UrlOption.Create(
        "--server", $"The manager's address (default: MILLRACE_SERVER or {DefaultServer}).", Environment.GetEnvironmentVariable("MILLRACE_SERVER") ?? DefaultServer);

    private readonly Option<string?> _key = new("--key")
    {
        Description = "An API key (better: the environment variable MILLRACE_KEY).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MILLRACE_KEY"),
    };

    public void AddTo(Command verb)
    {
        verb.Options.Add(_server);
        verb.Options.Add(_key);
    }

    public MillraceClient Connect(ParseResult parsed) => new(parsed.GetRequiredValue(_server)!, parsed.GetValue(_key));

    public MillraceClient Connect(ParseResult parsed, Uri server) => new(server, parsed.GetValue(_key));
}
