using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Millrace.EndToEnd.Tests;

/// <summary>Keeps every answer that callers were given.</summary>
internal sealed class RecordedAnswers : DelegatingHandler
{
    private readonly ConcurrentQueue<(string Path, string? Type, string Body)> _answers = new();

    public RecordedAnswers()
        : base(new SocketsHttpHandler())
    {
    }

    /// <summary>All of them; those about a request or a dead letter hold the post itself, as they should.</summary>
    public string All => string.Join('\n', _answers.Select(answer => answer.Body));

    /// <summary>What the suite says of its own accord: problems, timelines, and the reasons in views of requests and dead letters.</summary>
    public string OwnWords => string.Join('\n', _answers.SelectMany(answer => answer.Type == "application/problem+json" || answer.Path.EndsWith("/timeline", StringComparison.Ordinal)
        ? [answer.Body]
        : answer.Type == "application/json" && answer.Body.Length > 0 ? Reasons(JsonNode.Parse(answer.Body)) : []));

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        await answer.Content.LoadIntoBufferAsync(cancellationToken);
        _answers.Enqueue((
            request.RequestUri!.AbsolutePath, answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsStringAsync(cancellationToken)));
        return answer;
    }

    private static IEnumerable<string> Reasons(JsonNode? node) => node switch
    {
        JsonObject values => values.SelectMany(value => value.Key is "why" or "error" or "reason" or "detail" ? [value.Value?.ToJsonString() ?? ""] : Reasons(value.Value)),
        JsonArray list => list.SelectMany(Reasons),
        _ => [],
    };
}
