using System.Globalization;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Suspects;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>
/// Reads the posts that a manager did not know the workflow of: it may be so new that only another manager has it yet, or a folder may be
/// just about to be filled. They wait here, on the broker but for a few, and are accepted as soon as the workflow is known; those
/// whose time is over are dead-lettered. A post that comes later, when the workflow is known, may so go before them.
/// </summary>
internal sealed class UnknownConsumer(
    IMessageBus bus, IngestConsumer ingest, SuspectSender suspects, WorkflowLoader workflows, WorkflowManagerOptions options, StoreClock clock)
{
    private const int Prefetch = 100;

    public Task<IAsyncDisposable> StartAsync(CancellationToken cancellationToken) => bus.ConsumeAsync(
        new ConsumerOptions
        {
            Queue = Wire.UnknownQueue,
            Bindings = [(Wire.UnknownExchange, "#")],
            Prefetch = Prefetch,
            DeliveryLimit = options.DeliveryLimit,
            Suspects = suspects.Aside,
            // What waits goes back to the queue when the manager stops.
            DrainLimitSeconds = 1,
        },
        HandleAsync, cancellationToken);

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var end = Since(message) + TimeSpan.FromSeconds(options.UnknownWorkflowSeconds);
        while (true)
        {
            var left = end - clock.GetUtcNow();
            if (await workflows.FindAsync(message.RoutingKey, cancellationToken) is not null)
                break;
            if (left <= TimeSpan.Zero)
            {
                throw new DeadLetterException(
                    $"workflow-not-found: There is no workflow '{message.RoutingKey}', and none came within {options.UnknownWorkflowSeconds} s.");
            }
            await Task.Delay(left < WorkflowLoader.LookPause ? left : WorkflowLoader.LookPause, clock, cancellationToken);
        }
        await ingest.AcceptAsync(message, cancellationToken);
    }

    /// <summary>What does not say it, or names a time to come, has just come.</summary>
    private DateTimeOffset Since(IncomingMessage message)
    {
        var now = clock.GetUtcNow();
        return DateTimeOffset.TryParse(
            message.Properties.Headers.GetValueOrDefault(Wire.UnknownSinceHeader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            && since < now ? since : now;
    }
}
