using System.CommandLine;
using System.Globalization;
using Millrace.Standalone;

namespace Millrace.Cli.Verbs;

/// <summary>The options of every verb that serves, and the configuration that they stand for.</summary>
internal sealed class ServeOptions
{
    private readonly Option<string> _broker = new("--broker")
    {
        Description = "memory: or amqp://user:password@host:port/vhost (default: MILLRACE_BROKER or memory:).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MILLRACE_BROKER") ?? "memory:",
    };

    private readonly Option<string> _store = new("--store")
    {
        Description = "sqlite:PATH, postgres://..., mongodb://... or memory: (default: MILLRACE_STORE or sqlite:millrace.db).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MILLRACE_STORE") ?? "sqlite:millrace.db",
    };

    private readonly Option<string?> _workflows = new("--workflows") { Description = "The folder of workflow files (default: the shipped ones)." };
    private readonly Option<int?> _port = new("--port") { Description = "The port of pages and routes (default: 8080; 0: any free one)." };
    private readonly Option<string?> _address = new("--address") { Description = "The address to bind (default: 127.0.0.1; others need API keys)." };
    private readonly Option<string?> _seq = new("--seq") { Description = "A Seq server's URL for logs and traces." };
    private readonly Option<string?> _seqKey = new("--seq-key") { Description = "Its API key (better: Observability__SeqKey in the environment)." };
    private readonly Option<string?> _seqBuffer = new("--seq-buffer") { Description = "A folder where log events wait while Seq can't be reached (default: in memory)." };
    private readonly Option<string?> _otlp = new("--otlp") { Description = "An OTLP/HTTP receiver's URL for metrics and, without Seq, logs and traces." };
    private readonly Option<string?> _logFile = new("--log-file") { Description = "Also log into this file, one a day." };
    private readonly Option<string?> _logLevel = new("--log-level") { Description = "Trace, Debug, Information, Warning or Error." };
    private readonly Option<string[]> _set = new("--set") { Description = "Any setting, such as Embedding:Device=cpu; may be given more than once." };

    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_broker, _store, _workflows, _port, _address, _seq, _seqKey, _seqBuffer, _otlp, _logFile, _logLevel, _set])
            verb.Options.Add(option);
    }

    public StandaloneOptions ToOptions(ParseResult parsed, IReadOnlyList<string> services) => new()
    {
        Services = services,
        BrokerUrl = parsed.GetRequiredValue(_broker),
        StoreUrl = parsed.GetRequiredValue(_store),
    };

    public IEnumerable<KeyValuePair<string, string?>> ToSettings(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Manager:WorkflowsFolder"] = parsed.GetValue(_workflows) ?? Environment.GetEnvironmentVariable("MILLRACE_WORKFLOWS") ?? InstallPaths.Workflows,
            ["Hosting:Port"] = parsed.GetValue(_port)?.ToString(CultureInfo.InvariantCulture),
            ["Hosting:Address"] = parsed.GetValue(_address),
            ["Observability:SeqUrl"] = parsed.GetValue(_seq),
            ["Observability:SeqKey"] = parsed.GetValue(_seqKey),
            ["Observability:SeqBufferFolder"] = parsed.GetValue(_seqBuffer),
            ["Observability:OtlpUrl"] = parsed.GetValue(_otlp),
            ["Observability:LogFile"] = parsed.GetValue(_logFile),
            ["Observability:LogLevel"] = parsed.GetValue(_logLevel),
        };
        foreach (var setting in parsed.GetValue(_set) ?? [])
        {
            var parts = setting.Split('=', 2);
            settings[parts[0]] = parts.Length == 2 ? parts[1] : "true";
        }
        return settings.Where(setting => setting.Value is not null);
    }
}
