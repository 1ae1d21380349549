namespace Millrace.Messaging.Delivery;

/// <summary>One message in the hands of a consumer.</summary>
internal interface IDelivery
{
    IncomingMessage Message { get; }

    /// <summary>Sends the whole message to the dead-letter queue.</summary>
    /// <returns>True once the broker has it.</returns>
    Task<bool> DeadLetterAsync(string reason, CancellationToken cancellationToken);
}
