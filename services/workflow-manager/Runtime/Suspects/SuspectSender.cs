using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Suspects;

/// <summary>
/// Puts aside what has been delivered often and never acknowledged. It may end the process of whoever takes it, or it was only in the same
/// hands as what does; <see cref="SuspectConsumer"/> finds out which.
/// </summary>
internal sealed class SuspectSender(IMessageBus bus)
{
    /// <summary>So often does it happen to nobody by restarts alone, unless managers are ended every few seconds.</summary>
    private const int Deliveries = 10;

    /// <summary>What a consumer of posts or of replies does with suspects.</summary>
    public (int Deliveries, Func<IncomingMessage, CancellationToken, Task> Handle) Aside => (Deliveries, PutAsideAsync);

    private async Task PutAsideAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var outcome = await bus.ForwardAsync(
            message, Wire.SuspectsExchange, message.RoutingKey, new Dictionary<string, string?> { [Wire.SuspectOfHeader] = message.Queue }, cancellationToken);
        if (outcome.Kind != SendOutcomeKind.Confirmed)
            throw new IOException($"The broker has not taken a message of '{message.Queue}' that is to be handled alone: {outcome.Reason}");
    }
}
