using System.Collections.Concurrent;
using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Fuzz.Tests;

/// <summary>
/// The bus in memory, which also tells what became of each message that <see cref="TryAsync"/> sent: acknowledged, or kept whole as a
/// dead letter with its reason. A message whose consumer fails in any other way would be delivered again and again, and breaks the test.
/// </summary>
internal sealed class WatchedBus(IMessageBus inner) : IMessageBus
{
    private const string NumberHeader = "fuzz-number";
    private const int LeastReason = 10;

    private readonly ConcurrentDictionary<string, Tried> _tried = [];
    private int _number;

    public string Description => inner.Description;

    public bool IsHealthy => inner.IsHealthy;

    public int MaxBodyBytes => inner.MaxBodyBytes;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await inner.StartAsync(cancellationToken);
        await inner.ConsumeAsync(new ConsumerOptions { Queue = Wire.DeadLetterQueue }, KeepAsync, cancellationToken);
    }

    /// <returns>True if the message was acknowledged, false if it was refused with a reason.</returns>
    public async Task<bool> TryAsync(OutgoingMessage message)
    {
        var number = $"{Interlocked.Increment(ref _number)}";
        var tried = _tried[number] = new Tried(message.Body.ToArray());
        var headers = new Dictionary<string, string>(message.Properties.Headers, StringComparer.OrdinalIgnoreCase) { [NumberHeader] = number };
        var outcomes = await inner.SendAsync([message with { Properties = message.Properties with { Headers = headers } }], CancellationToken.None);
        Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
        try
        {
            return await tried.IsTaken.Task;
        }
        finally
        {
            _tried.TryRemove(number, out _);
        }
    }

    public Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        inner.SendAsync(messages, cancellationToken);

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => inner.DeclareQueueAsync(queue, cancellationToken);

    public Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken) =>
        inner.ConsumeAsync(options, (message, token) => HandleAsync(message, handle, token), cancellationToken);

    public Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken) => inner.InspectAsync(queue, cancellationToken);

    public Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken) =>
        inner.ForwardAsync(message, exchange, routingKey, headers, cancellationToken);

    public Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken) =>
        inner.LookAsync(queue, see, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task HandleAsync(IncomingMessage message, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        var tried = Find(message);
        try
        {
            await handle(message, cancellationToken);
            tried?.IsTaken.TrySetResult(true);
        }
        catch (Exception failure) when (failure is not DeadLetterException)
        {
            tried?.IsTaken.TrySetException(new InvalidOperationException($"{message.Queue} would be given the message again: {failure.Message}", failure));
            throw;
        }
    }

    private Task KeepAsync(IncomingMessage letter, CancellationToken cancellationToken)
    {
        if (Find(letter) is not { } tried)
            return Task.CompletedTask;
        var reason = letter.Properties.Headers.GetValueOrDefault(Wire.ReasonHeader) ?? "";
        if (reason.Length >= LeastReason && letter.Body.Span.SequenceEqual(tried.Body))
            tried.IsTaken.TrySetResult(false);
        else
            tried.IsTaken.TrySetException(new InvalidOperationException(
                $"a dead letter with the reason '{reason}' and the body '{Encoding.UTF8.GetString(letter.Body.Span)}'"));
        return Task.CompletedTask;
    }

    private Tried? Find(IncomingMessage message) =>
        message.Properties.Headers.TryGetValue(NumberHeader, out var number) && _tried.TryGetValue(number, out var tried) ? tried : null;

    private sealed record Tried(byte[] Body)
    {
        public TaskCompletionSource<bool> IsTaken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
