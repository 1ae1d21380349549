namespace Millrace.Messaging.InMemory;

/// <summary>Whoever takes messages out of a queue.</summary>
internal interface IMemoryReader
{
    bool HasRoom { get; }

    /// <summary>The highest comes first; with equal ones it is each one's turn.</summary>
    int Priority { get; }

    /// <summary>Called by the queue, which gives no more than there is room for.</summary>
    void Take(MemoryDelivery delivery);
}
