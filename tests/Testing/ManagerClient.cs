using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>A manager's REST routes, as a user's script would call them.</summary>
/// <param name="handler">What calls go through; it is not disposed of; null: straight to the manager.</param>
public sealed class ManagerClient(string url, HttpMessageHandler? handler = null) : IDisposable
{
    private readonly HttpClient _http = new(handler ?? new SocketsHttpHandler(), disposeHandler: handler is null) { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(100) };

    public HttpClient Http => _http;

    public async Task<JsonNode> GetAsync(string path) => (await _http.GetFromJsonAsync<JsonNode>(path))!;

    public async Task<(HttpStatusCode Status, JsonNode? Body)> TryGetAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, string json = "")
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(path, content);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>Publishes posts and gives their ids.</summary>
    public async Task<IReadOnlyList<string>> SubmitAsync(string workflow, string json)
    {
        var (status, body) = await PostAsync($"api/workflows/{workflow}/requests", json);
        return status == HttpStatusCode.Accepted
            ? [.. body!["ids"]!.AsArray().Select(id => id!.ToString())]
            : throw new InvalidOperationException($"{status}: {body}");
    }

    /// <summary>Waits for the request's end.</summary>
    public async Task<JsonNode> FinishedAsync(string id)
    {
        JsonNode request;
        do
            request = await GetAsync($"api/requests/{id}?wait=20s");
        while (request["status"]!.ToString() == "running");
        return request;
    }

    /// <summary>Waits no longer than <paramref name="limit"/>; what is then said is where the request stands, and <paramref name="log"/>.</summary>
    public async Task<JsonNode> FinishedAsync(string id, TimeSpan limit, Func<string> log)
    {
        try
        {
            return await FinishedAsync(id).WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{await GetAsync("api/requests/" + id)}\n{log()}");
        }
    }

    /// <summary>How many top-level requests of the workflow have this status.</summary>
    public async Task<int> CountAsync(string workflow, string status) =>
        (await GetAsync("api/counts"))["items"]!.AsArray()
            .Where(row => row!["workflow"]!.ToString() == workflow && string.IsNullOrEmpty(row["step"]?.ToString()) && row["status"]!.ToString() == status)
            .Sum(row => (int)row!["count"]!);

    /// <summary>Asks until the condition holds; fails with the last word of <paramref name="state"/> after the limit.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, TimeSpan limit, Func<Task<string>> state)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var stop = new CancellationTokenSource(limit);
        try
        {
            while (!await condition())
                await timer.WaitForNextTickAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not within {limit}: {await state()}");
        }
    }

    public void Dispose() => _http.Dispose();
}
