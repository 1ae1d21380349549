using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Chaos.Tests;

/// <summary>Every id that was published and confirmed, and every final view that came back.</summary>
internal sealed class Ledger
{
    public const string Workflow = "chaos";

    private readonly ConcurrentDictionary<Guid, int> _results = [];

    public ConcurrentDictionary<Guid, string> Published { get; } = [];

    public IEnumerable<Guid> WithoutResult => Published.Keys.Where(id => !_results.ContainsKey(id));

    /// <summary>Publishes until the broker confirms; a post that may or may not have arrived is sent again and is the same request.</summary>
    public async Task PublishAsync(IMessageBus bus, int number, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = $"chaos:{number}";
        var body = JsonSerializer.SerializeToUtf8Bytes(new { uri = key, number, text = new string('x', 50 + number % 400) });
        var message = new OutgoingMessage(Wire.IngestExchange, Workflow, body, new MessageProperties { ContentType = Wire.JsonContentType });
        while ((await bus.SendAsync([message], cancellationToken))[0].Kind != SendOutcomeKind.Confirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        Published[RequestIds.ForKey(Workflow, key)] = key;
    }

    public Task TakeResultAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        using var view = JsonDocument.Parse(message.Body);
        _results.AddOrUpdate(view.RootElement.GetProperty("id").GetGuid(), 1, (_, times) => times + 1);
        return Task.CompletedTask;
    }
}
