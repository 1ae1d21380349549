using Millrace.Testing;

namespace Millrace.Chaos.Tests;

internal enum StoreKind
{
    Sqlite,
    Postgres,

    /// <summary>The server that MONGODB_URL names, which is not this run's to stop.</summary>
    Mongo,
}

/// <summary>A broker and a store with wires that can be cut, used by one run after the other: each gets a virtual host and a store of its own.</summary>
internal sealed class ChaosPlace : IAsyncDisposable
{
    /// <summary>Of one run, where managers share a store.</summary>
    public const int MaxManagers = 3;

    /// <summary>Room for SQLite's file and its log of one run; what it holds is memory.</summary>
    private const int SqliteMegabytes = 256;

    /// <summary>Room for a whole server: what it begins with, its log, and one run.</summary>
    private const int PostgresMegabytes = 512;

    private const string PostgresSettings = "max_wal_size = 64MB\nmin_wal_size = 32MB\n";

    /// <summary>Seconds, so that what is longest in a run outlasts it.</summary>
    private const int Heartbeat = 3;

    private const string PostgresOptions = "?Command%20Timeout=5";

    private readonly TemporaryFolder _folder = new("chaos");
    private readonly MongoServer? _mongo;
    private string _host = "";
    private string _query = "";
    private Uri? _storeUrl;
    private SmallDisk? _disk;

    private ChaosPlace(StoreKind kind, RabbitMqNode broker, PostgresServer? postgres)
    {
        (Kind, Broker, Postgres) = (kind, broker, postgres);
        _mongo = kind == StoreKind.Mongo ? new MongoServer() : null;
        ServiceWire = new TcpProxy(broker.Port);
        BrokerWires = [.. Enumerable.Range(0, kind == StoreKind.Sqlite ? 1 : MaxManagers).Select(_ => new TcpProxy(broker.Port))];
        StoreWires = (postgres?.Port ?? _mongo?.Port) is { } port ? [.. BrokerWires.Select(_ => new TcpProxy(port))] : [];
    }

    public StoreKind Kind { get; }

    public RabbitMqNode Broker { get; }

    /// <summary>Between each manager and the broker.</summary>
    public IReadOnlyList<TcpProxy> BrokerWires { get; }

    /// <summary>Between the other services and the broker.</summary>
    public TcpProxy ServiceWire { get; }

    public PostgresServer? Postgres { get; }

    /// <summary>Between each manager and the store; none to a file.</summary>
    public IReadOnlyList<TcpProxy> StoreWires { get; }

    /// <summary>Holds the store where this user may mount one.</summary>
    public SmallDisk? Disk => _disk ?? Postgres?.Disk;

    public int Runs { get; private set; }

    /// <summary>The managers' own on a server, by the first one's wire; a file of its own beside theirs.</summary>
    public string MonitorStoreUrl => Kind == StoreKind.Sqlite ? StoreUrlOf(0) + ".monitor" : StoreUrlOf(0);

    /// <summary>For the test's own workers and ledger, which are not to be cut off.</summary>
    public string BrokerUrl => $"{Broker.Url}/{_host}{_query}";

    public string BrokerUrlOfServices => UrlThrough(ServiceWire);

    public string BrokerUrlOf(int manager) => UrlThrough(BrokerWires[manager]);

    public string StoreUrlOf(int manager) =>
        StoreWires.Count == 0 ? _storeUrl!.OriginalString : new UriBuilder(_storeUrl!) { Port = StoreWires[manager].Port }.Uri.AbsoluteUri;

    public static async Task<ChaosPlace> StartAsync(StoreKind kind, CancellationToken cancellationToken)
    {
        var broker = await RabbitMqNode.StartAsync(cancellationToken: cancellationToken);
        var postgres = kind == StoreKind.Postgres ? await PostgresServer.StartAsync(PostgresSettings, PostgresMegabytes, cancellationToken) : null;
        var place = new ChaosPlace(kind, broker, postgres);
        if (kind == StoreKind.Sqlite)
            place._disk = await SmallDisk.MountAsync(place._folder.Path, SqliteMegabytes);
        return place;
    }

    /// <summary>A virtual host and a store that nobody has used.</summary>
    public async Task PrepareAsync(string name, bool isQuorum, CancellationToken cancellationToken)
    {
        Runs++;
        var former = _host;
        (_host, _query) = (name, $"?heartbeat={Heartbeat}" + (isQuorum ? "&queue-type=quorum" : ""));
        await Broker.EvaluateAsync(
            $"rabbit_vhost:add(<<\"{_host}\">>, <<\"chaos\">>), "
            + $"rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{_host}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"chaos\">>)"
            + (former.Length > 0 ? $", rabbit_vhost:delete(<<\"{former}\">>, <<\"chaos\">>)." : "."),
            cancellationToken);
        _storeUrl = await NewStoreAsync(former, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var wire in (TcpProxy[])[.. BrokerWires, ServiceWire, .. StoreWires])
            await wire.DisposeAsync();
        if (_mongo is not null && _host.Length > 0)
            await _mongo.DropDatabaseAsync(_host);
        if (Postgres is not null)
            await Postgres.DisposeAsync();
        await Broker.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<Uri> NewStoreAsync(string former, CancellationToken cancellationToken)
    {
        if (Postgres is { } server)
        {
            if (former.Length > 0)
                await server.DropDatabaseAsync(DatabaseOf(former), cancellationToken);
            return new Uri(await server.CreateDatabaseAsync(DatabaseOf(_host), cancellationToken) + PostgresOptions);
        }
        if (_mongo is not null)
        {
            if (former.Length > 0)
                await _mongo.DropDatabaseAsync(former);
            return _mongo.UrlOf(_host);
        }
        var folder = _disk?.Path ?? _folder.Path;
        foreach (var file in Directory.GetFiles(folder))
            File.Delete(file);
        return new Uri("sqlite:" + Path.Combine(folder, $"{_host}.db"));
    }

    private static string DatabaseOf(string host) => host.Replace('-', '_');

    private string UrlThrough(TcpProxy wire) => $"amqp://guest:guest@127.0.0.1:{wire.Port}/{_host}{_query}";
}
