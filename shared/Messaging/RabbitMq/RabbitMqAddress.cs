using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// <c>amqp[s]://user:password@host:port/vhost?...</c>, with the query names of RabbitMQ's URI specification: <c>heartbeat</c>
/// (seconds), <c>cacertfile</c>, <c>certfile</c>, <c>keyfile</c> (PEM files), <c>server_name_indication</c>; and our own
/// <c>queue-type</c> (<c>classic</c> or <c>quorum</c>), <c>max-priority</c> (0 to 9) and <c>nodes</c> (<c>host:port,host</c>: the cluster's
/// other nodes).
/// </summary>
internal sealed record RabbitMqAddress
{
    private static readonly string[] Names = ["heartbeat", "cacertfile", "certfile", "keyfile", "server_name_indication", "queue-type", "max-priority", "nodes"];

    private readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);
    private readonly Uri _broker;

    /// <summary>The URL's own node and the others.</summary>
    private readonly List<Uri> _nodes;

    private RabbitMqAddress(Uri url)
    {
        _broker = WithPort(new UriBuilder(url) { Query = "", Fragment = "" }.Uri);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            _query[name] = value;
        }
        _nodes = [_broker, .. OtherNodes().Select(Node).OfType<Uri>()];
    }

    /// <summary>Without credentials.</summary>
    public string Description => $"{_broker.Scheme}://{string.Join(',', _nodes.Select(node => node.Authority))}{_broker.AbsolutePath.TrimEnd('/')}";

    private bool IsEncrypted => _broker.Scheme == "amqps";

    /// <exception cref="OptionsValidationException">Every problem of the URL, each with its fix.</exception>
    public static (RabbitMqAddress Address, BusOptions Options) Parse(Uri url, BusOptions options)
    {
        var address = new RabbitMqAddress(url);
        var problems = address.FindProblems().ToArray();
        if (problems.Length > 0)
            throw new OptionsValidationException("broker", typeof(BusOptions), problems);
        if (address._query.TryGetValue("heartbeat", out var heartbeat))
            options = options with { HeartbeatSeconds = int.Parse(heartbeat, CultureInfo.InvariantCulture) };
        if (address._query.TryGetValue("queue-type", out var type))
            options = options with { QueueType = Enum.Parse<QueueType>(type, ignoreCase: true) };
        if (address._query.TryGetValue("max-priority", out var priority))
            options = options with { MaxPriority = int.Parse(priority, CultureInfo.InvariantCulture) };
        return options is { MaxPriority: > 0, QueueType: QueueType.Quorum }
            ? throw new OptionsValidationException("broker", typeof(BusOptions), ["quorum queues know no max-priority; use queue-type=classic or leave it out"])
            : (address, options);
    }

    /// <summary>Connects to whichever node answers first, asked in an order of chance so that services spread over the cluster.</summary>
    public async Task<IConnection> ConnectAsync(string name, BusOptions options, TimeSpan limit, CancellationToken cancellationToken)
    {
        var factory = CreateFactory(options);
        // A node that swallows everything leaves time for the others.
        factory.RequestedConnectionTimeout = limit / _nodes.Count;
        return await factory.CreateConnectionAsync(
            _nodes.Select(node => new AmqpTcpEndpoint(node.Host, node.Port, CreateSsl(node.Host), factory.MaxInboundMessageBodySize)), name, cancellationToken);
    }

    private ConnectionFactory CreateFactory(BusOptions options) => new()
    {
        Uri = _broker,
        // Reconnecting is ours: the client's own recovery hides what was lost from those who wait for it.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(options.HeartbeatSeconds),
        ContinuationTimeout = TimeSpan.FromSeconds(10),
        // The limit of ours is kept by refusing one message; the client's would cost the connection.
        MaxInboundMessageBodySize = 512 * 1024 * 1024,
    };

    private IEnumerable<string> FindProblems()
    {
        foreach (var name in _query.Keys.Except(Names))
            yield return $"the broker URL has an unknown option '{name}'; known are {string.Join(", ", Names)}";
        if (_query.TryGetValue("heartbeat", out var heartbeat) && !(int.TryParse(heartbeat, out var seconds) && seconds is >= 1 and <= 300))
            yield return $"heartbeat '{heartbeat}' of the broker URL must be 1 to 300 seconds";
        if (_query.TryGetValue("queue-type", out var type) && type is not ("classic" or "quorum"))
            yield return $"queue-type '{type}' of the broker URL must be classic or quorum";
        if (_query.TryGetValue("max-priority", out var priority) && !(int.TryParse(priority, out var highest) && highest is >= 0 and <= 9))
            yield return $"max-priority '{priority}' of the broker URL must be 0 to 9";
        foreach (var other in OtherNodes().Where(other => Node(other) is null))
            yield return $"nodes of the broker URL wants host:port, divided by commas, not '{other}'; user, password and vhost are the URL's for all";
        foreach (var name in Names.Where(name => name.EndsWith("file", StringComparison.Ordinal) && _query.ContainsKey(name)))
        {
            if (!File.Exists(_query[name]))
                yield return $"{name} of the broker URL names a file that does not exist: {_query[name]}";
            if (!IsEncrypted)
                yield return $"{name} of the broker URL needs amqps:// instead of amqp://";
        }
        if (_query.ContainsKey("certfile") != _query.ContainsKey("keyfile"))
            yield return "certfile and keyfile of the broker URL go together";
    }

    private string[] OtherNodes() => _query.GetValueOrDefault("nodes", "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <returns>Null if it is no address of a node.</returns>
    private Uri? Node(string address) =>
        Uri.TryCreate($"{_broker.Scheme}://{address}", UriKind.Absolute, out var node) && node is { Host.Length: > 0, UserInfo.Length: 0, AbsolutePath: "" or "/" }
            ? WithPort(node)
            : null;

    private static Uri WithPort(Uri node) => node.Port > 0 ? node : new UriBuilder(node) { Port = node.Scheme == "amqps" ? 5671 : 5672 }.Uri;

    private SslOption CreateSsl(string host)
    {
        var ssl = new SslOption { Enabled = IsEncrypted, ServerName = _query.GetValueOrDefault("server_name_indication", host) };
        if (_query.TryGetValue("certfile", out var certificate))
            ssl.Certs = [LoadClientCertificate(certificate, _query["keyfile"])];
        if (_query.TryGetValue("cacertfile", out var authorities))
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            var trust = new ServerTrust(trusted);
            ssl.CertificateValidationCallback = (_, server, sent, errors) => trust.Allows(server, sent, errors);
        }
        return ssl;
    }

    private static X509Certificate2 LoadClientCertificate(string certificate, string key)
    {
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}
