using System.Text.Json;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Benchmarks;

/// <summary>Runs <c>millrace bench</c> with a broker and, if asked, a PostgreSQL of its own, in a folder of its own.</summary>
internal sealed class BenchRun : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("bench");
    private readonly RabbitMqNode _broker;
    private PostgresServer? _postgres;
    private int _stores;

    private BenchRun(RabbitMqNode broker) => _broker = broker;

    public static async Task<BenchRun> StartAsync() => new(await RabbitMqNode.StartAsync());

    /// <returns>A new, empty store.</returns>
    public string Sqlite() => $"sqlite:{Path.Combine(_folder.Path, $"{++_stores}.db")}";

    /// <returns>A new, empty database.</returns>
    public async Task<string> PostgresAsync()
    {
        _postgres ??= await PostgresServer.StartAsync("max_connections = 200\nshared_buffers = 512MB\nmax_wal_size = 4GB");
        return await _postgres.CreateDatabaseAsync($"bench{++_stores}");
    }

    /// <returns>The result, which is also written to the test's output.</returns>
    public async Task<JsonElement> RunAsync(string what, string store, params string[] arguments)
    {
        string[] watched = what == "recovery" ? [] : [
            "--watch", $"broker={_broker.ProcessId}", .. _postgres is { ProcessId: { } process } ? (string[])["--watch", $"postgres={process}"] : []];
        var (code, output, error) = await MillraceProcess.RunAsync(
            ["bench", what, "--broker", _broker.Url, "--store", store, "--json", .. watched, .. arguments], _folder.Path);
        Assert.True(code == 0, output + error);
        TestContext.Current.TestOutputHelper?.WriteLine($"bench {what} {string.Join(' ', arguments)}\n{output}");
        return JsonDocument.Parse(output).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _folder.Dispose();
    }
}
