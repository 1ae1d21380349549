using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Chaos.Tests;

/// <summary>Every id that was published and confirmed, every final view that came back, and every nonsense that must be explained.</summary>
internal sealed class Ledger(IMessageBus bus, TimeProvider time) : IDisposable
{
    public const string Workflow = "chaos";

    private const string KeyStart = "chaos:";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, Outcome> _outcomes = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>Confirmed, by id, with their keys.</summary>
    public ConcurrentDictionary<Guid, string> Published { get; } = [];

    /// <summary>These, and those of which nobody knows whether they arrived.</summary>
    public ConcurrentDictionary<Guid, string> Begun { get; } = [];

    /// <summary>Message ids of what nobody can make sense of.</summary>
    public ConcurrentDictionary<string, bool> Poison { get; } = [];

    /// <summary>Ids of requests that may have been cancelled.</summary>
    public ConcurrentDictionary<Guid, bool> Cancelled { get; } = [];

    public IEnumerable<Guid> WithoutResult => Published.Keys.Where(id => !_outcomes.ContainsKey(id));

    /// <summary>Of all requests whose result came back, those too whose post was never sure to have arrived.</summary>
    public ICollection<Outcome> Outcomes => _outcomes.Values;

    /// <summary>Null before the first result.</summary>
    public Outcome? OutcomeOf(Guid id) => _outcomes.GetValueOrDefault(id);

    /// <summary>Publishes until the broker confirms; a post that may or may not have arrived is sent again and is the same request.</summary>
    public async Task PublishAsync(int number, CancellationToken cancellationToken)
    {
        var id = Begin(number);
        await SendAsync(new OutgoingMessage(
            Wire.IngestExchange, Workflow, Body(number), new MessageProperties { ContentType = Wire.JsonContentType }), cancellationToken);
        Published[id] = Key(number);
    }

    /// <summary>Posts over REST until a manager says that it is saved.</summary>
    public async Task PostAsync(int number, Func<string> managerUrl, CancellationToken cancellationToken)
    {
        var id = Begin(number);
        while (!await TryPostAsync(number, managerUrl(), cancellationToken))
            await Task.Delay(Pause, time, cancellationToken);
        Published[id] = Key(number);
    }

    /// <summary>Asks that the request ends now. It may be too late for that, or nobody may be there to ask.</summary>
    public async Task CancelAsync(int number, string managerUrl, CancellationToken cancellationToken)
    {
        var id = RequestIds.ForKey(Workflow, Key(number));
        Cancelled[id] = true;
        await TrySendAsync(new HttpRequestMessage(HttpMethod.Post, $"{managerUrl}/api/requests/{id}/cancel"), HttpStatusCode.OK, cancellationToken);
    }

    public async Task PoisonAsync(string exchange, string routingKey, string text, CancellationToken cancellationToken)
    {
        var id = $"poison-{Poison.Count}";
        await SendAsync(new OutgoingMessage(exchange, routingKey, Encoding.UTF8.GetBytes(text), new MessageProperties { MessageId = id }), cancellationToken);
        Poison[id] = true;
    }

    public Task TakeResultAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var view = JsonNode.Parse(message.Body.Span)!;
        var outcome = new Outcome(view);
        var first = _outcomes.GetOrAdd((Guid)view["id"]!, outcome);
        if (first != outcome)
            first.Compare(outcome);
        return Task.CompletedTask;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What the workers, if none lies, make of the post.</summary>
    /// <returns>Null if the result is right.</returns>
    public static string? Fault(string key, JsonNode? result)
    {
        if (result?["uri"]?.ToString() != key)
            return "it is another post's";
        if (NaughtyWorkers.StepQueues.FirstOrDefault(queue => result[queue]?.ToString() != key) is { } missing)
            return $"it lacks what {missing} makes of it";
        var parts = result["parts"]!.AsArray().Select(part => part!.ToString());
        return parts.SequenceEqual(Enumerable.Range(0, PartsOf((int)result["number"]!)).Select(part => NaughtyWorkers.PartOf(part.ToString(CultureInfo.InvariantCulture))))
            ? null
            : "its parts are not in their places";
    }

    /// <summary>Ids of the request's children, in the order of their items.</summary>
    public static IEnumerable<Guid> ChildrenOf(Guid id, string key) =>
        Enumerable.Range(0, PartsOf(int.Parse(key.AsSpan(KeyStart.Length), CultureInfo.InvariantCulture))).Select(index => RequestIds.ForChild(id, "parts", index));

    private Guid Begin(int number)
    {
        var id = RequestIds.ForKey(Workflow, Key(number));
        Begun[id] = Key(number);
        return id;
    }

    private static string Key(int number) => string.Create(CultureInfo.InvariantCulture, $"{KeyStart}{number}");

    private static int PartsOf(int number) => number % 4;

    private static byte[] Body(int number) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        uri = Key(number),
        number,
        text = $"Post {number} about " + string.Join(' ', Enumerable.Range(number, 8 + number % 60)),
        parts = Enumerable.Range(0, PartsOf(number)),
    });

    private async Task SendAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        while ((await bus.SendAsync([message], cancellationToken))[0].Kind != SendOutcomeKind.Confirmed)
            await Task.Delay(Pause, time, cancellationToken);
    }

    private Task<bool> TryPostAsync(int number, string url, CancellationToken cancellationToken) => TrySendAsync(
        new HttpRequestMessage(HttpMethod.Post, $"{url}/api/workflows/{Workflow}/requests")
        {
            Content = new ByteArrayContent(Body(number)) { Headers = { ContentType = new("application/json") } },
        }, HttpStatusCode.Accepted, cancellationToken);

    private async Task<bool> TrySendAsync(HttpRequestMessage message, HttpStatusCode expected, CancellationToken cancellationToken)
    {
        try
        {
            using (message)
            using (var response = await _http.SendAsync(message, cancellationToken))
                return response.StatusCode == expected;
        }
        catch (Exception failure) when (failure is HttpRequestException or SocketException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The manager is being killed or stands still: another one is asked, or this one again.
            return false;
        }
    }
}
