using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;

namespace Millrace.Cli.Client;

/// <summary>The manager answered with an error, or can't be reached.</summary>
internal sealed class MillraceClientException(string message, HttpStatusCode? status = null) : Exception(message)
{
    public HttpStatusCode? Status { get; } = status;
}

/// <summary>Calls a manager's REST routes; errors come back as one sentence.</summary>
internal sealed class MillraceClient : IDisposable
{
    private readonly HttpClient _http;

    public MillraceClient(Uri server, string? key)
    {
        _http = new HttpClient { BaseAddress = server, Timeout = TimeSpan.FromMinutes(2) };
        if (key is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Uri Server => _http.BaseAddress!;

    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);

    public Task<JsonNode> PostAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(Wire.JsonContentType) } };
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using (request)
            using (var response = await _http.SendAsync(request, cancellationToken))
            {
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                return response.IsSuccessStatusCode ? Parse(text) : throw new MillraceClientException(Explain(response, text), response.StatusCode);
            }
        }
        catch (HttpRequestException error)
        {
            throw new MillraceClientException($"No manager answers at {Server}: {error.Message} Start one with `millrace up`, or name it with --server.");
        }
    }

    private static JsonNode Parse(string text) => text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;

    private static string Explain(HttpResponseMessage response, string text)
    {
        var code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        try
        {
            var problem = JsonNode.Parse(text);
            var words = new[] { problem?["title"], problem?["detail"] }.Where(part => part is not null).Select(part => part!.ToString());
            return $"{code} {string.Join(": ", words)}";
        }
        catch (JsonException)
        {
            return $"{code} {response.ReasonPhrase}";
        }
    }
}
