namespace Millrace.Messaging.InMemory;

/// <summary>Whoever takes messages out of a queue.</summary>
internal interface IMemoryReader
{
    bool HasRoom { get; }

    /// <summary>Called by the queue, which gives no more than there is room for.</summary>
    void Take(MemoryDelivery delivery);
}
