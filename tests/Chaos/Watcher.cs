using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>
/// Looks over the managers' shoulders while everything breaks: what they answer is never a failure of their own, and whatever runs
/// has a reason why it has not ended.
/// </summary>
internal sealed class Watcher(Suite suite, TimeProvider time, int seed) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Some way into the list, so that it is not always the newest that are looked at.</summary>
    private const int MaxPage = 200;

    /// <summary>Not the scene's, whose draws must not depend on how fast this one is.</summary>
    private readonly Random _random = new(seed);

    private readonly CancellationTokenSource _enough = new();
    private readonly ConcurrentDictionary<string, bool> _complaints = [];
    private Task _watching = Task.CompletedTask;

    /// <summary>Running requests that were looked at.</summary>
    public int Looks { get; private set; }

    public ICollection<string> Complaints => _complaints.Keys;

    public void Start() => _watching = RunAsync(_enough.Token);

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await _watching;
        _enough.Dispose();
    }

    private async Task RunAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await LookAsync(suite.Managers[_random.Next(suite.Managers.Count)].Url, enough);
            await Task.Delay(Pause, time, enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(string url, CancellationToken cancellationToken)
    {
        using var manager = new ManagerClient(url);
        try
        {
            var page = await GetAsync(manager, $"api/requests?status=running&limit={_random.Next(1, MaxPage)}").WaitAsync(cancellationToken);
            if (page?["items"]?.AsArray().LastOrDefault()?["id"] is { } id)
                Judge(await GetAsync(manager, $"api/requests/{id}").WaitAsync(cancellationToken));
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or OperationCanceledException)
        {
            // That manager is killed or stands still: another one is asked.
        }
    }

    private void Judge(JsonNode? request)
    {
        if (request?["status"]?.ToString() != "running")
            return;
        Looks++;
        if (string.IsNullOrEmpty(request["why"]?["code"]?.ToString()))
            _complaints[$"{request["id"]} runs without a why"] = true;
    }

    /// <returns>Null where the manager says that it can't tell now.</returns>
    private async Task<JsonNode?> GetAsync(ManagerClient manager, string path)
    {
        var (status, body) = await manager.TryGetAsync(path);
        if (status is not (HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable))
            _complaints[$"GET {path} was answered {(int)status}: {body}"] = true;
        return status == HttpStatusCode.OK ? body : null;
    }
}
