using Millrace.Testing;

namespace Millrace.Chaos.Tests;

internal enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>A broker and a store with wires that can be cut, used by one run after the other: each gets a virtual host and a store of its own.</summary>
internal sealed class ChaosPlace : IAsyncDisposable
{
    /// <summary>Room for SQLite's file and its log of one run; what it holds is memory.</summary>
    private const int SqliteMegabytes = 256;

    /// <summary>Room for a whole server: what it begins with, its log, and one run.</summary>
    private const int PostgresMegabytes = 512;

    private const string PostgresSettings = "max_wal_size = 64MB\nmin_wal_size = 32MB\n";

    private readonly TemporaryFolder _folder = new("chaos");
    private string _host = "";
    private string _query = "";
    private SmallDisk? _disk;

    private ChaosPlace(StoreKind kind, RabbitMqNode broker, PostgresServer? postgres)
    {
        (Kind, Broker, Postgres) = (kind, broker, postgres);
        (BrokerWire, ServiceWire) = (new TcpProxy(broker.Port), new TcpProxy(broker.Port));
        StoreWire = postgres is null ? null : new TcpProxy(postgres.Port);
    }

    public StoreKind Kind { get; }

    public RabbitMqNode Broker { get; }

    /// <summary>Between the managers and the broker.</summary>
    public TcpProxy BrokerWire { get; }

    /// <summary>Between the other services and the broker.</summary>
    public TcpProxy ServiceWire { get; }

    public PostgresServer? Postgres { get; }

    public TcpProxy? StoreWire { get; }

    /// <summary>Holds the store where this user may mount one.</summary>
    public SmallDisk? Disk => _disk ?? Postgres?.Disk;

    public int Runs { get; private set; }

    public string StoreUrl { get; private set; } = "";

    /// <summary>The managers' own on a server; a file of its own beside theirs.</summary>
    public string MonitorStoreUrl => Kind == StoreKind.Sqlite ? StoreUrl + ".monitor" : StoreUrl;

    /// <summary>For the test's own workers and ledger, which are not to be cut off.</summary>
    public string BrokerUrl => $"{Broker.Url}/{_host}{_query}";

    public string BrokerUrlOfManagers => UrlThrough(BrokerWire);

    public string BrokerUrlOfServices => UrlThrough(ServiceWire);

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
        (_host, _query) = (name, isQuorum ? "?queue-type=quorum" : "");
        await Broker.EvaluateAsync(
            $"rabbit_vhost:add(<<\"{_host}\">>, <<\"chaos\">>), "
            + $"rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{_host}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"chaos\">>)"
            + (former.Length > 0 ? $", rabbit_vhost:delete(<<\"{former}\">>, <<\"chaos\">>)." : "."),
            cancellationToken);
        if (Postgres is null)
        {
            var folder = _disk?.Path ?? _folder.Path;
            foreach (var file in Directory.GetFiles(folder))
                File.Delete(file);
            StoreUrl = "sqlite:" + Path.Combine(folder, $"{_host}.db");
            return;
        }
        if (former.Length > 0)
            await Postgres.DropDatabaseAsync(DatabaseOf(former), cancellationToken);
        var url = await Postgres.CreateDatabaseAsync(DatabaseOf(_host), cancellationToken);
        StoreUrl = url.Replace($":{Postgres.Port}/", $":{StoreWire!.Port}/", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await BrokerWire.DisposeAsync();
        await ServiceWire.DisposeAsync();
        if (StoreWire is not null)
            await StoreWire.DisposeAsync();
        if (Postgres is not null)
            await Postgres.DisposeAsync();
        await Broker.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
        _folder.Dispose();
    }

    private static string DatabaseOf(string host) => host.Replace('-', '_');

    private string UrlThrough(TcpProxy wire) => $"amqp://guest:guest@127.0.0.1:{wire.Port}/{_host}{_query}";
}
