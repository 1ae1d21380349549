using System.ComponentModel.DataAnnotations;

namespace Millrace.Messaging.Workers;

/// <summary>How a worker takes messages from its step's queue.</summary>
public sealed record StepWorkerOptions
{
    /// <summary>Inputs of one call of the handler, from 1 to 10,000. A larger batch is handled in parts.</summary>
    [Range(1, 10_000)]
    public int MaxBatchItems { get; set; } = 64;

    /// <summary>False: no two messages share a call, so that none waits for another's input; the limit is then of the parts of one batch.</summary>
    public bool GathersMessages { get; set; } = true;

    /// <summary>Calls of the handler at the same time, from 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int MaxConcurrentCalls { get; set; } = 1;

    /// <summary>Messages held at once, from 1 to 10,000; 0 takes enough for one call more than run.</summary>
    [Range(0, 10_000)]
    public int Prefetch { get; set; }

    /// <summary>Deliveries of one message before it is dead-lettered: a message that kills its worker must not do so for ever.</summary>
    [Range(1, 1_000)]
    public int DeliveryLimit { get; set; } = 20;

    /// <summary>How long the calls in progress may take to end when the worker stops, from 0 to 3,600.</summary>
    [Range(0, 3_600)]
    public double DrainLimitSeconds { get; set; } = 30;

    /// <summary>Cancelled dispatches remembered, from 0 to 10,000,000, each about 200 bytes; the oldest are forgotten first. 0 listens to none.</summary>
    [Range(0, 10_000_000)]
    public int MaxCancellations { get; set; } = 100_000;

    /// <summary>For how long they are remembered at least, while there is room, from 1 to 604,800.</summary>
    [Range(1, 604_800)]
    public int CancellationMemorySeconds { get; set; } = 86_400;

    /// <summary>How long a manager may take to say which of the messages that waited before this worker are still wanted, from 1 to
    /// 60,000; then they are worked on.</summary>
    [Range(1, 60_000)]
    public int WantedTimeoutMs { get; set; } = 2_000;

    internal int EffectivePrefetch => Prefetch > 0 ? Prefetch : Math.Min((GathersMessages ? MaxBatchItems : 1) * (MaxConcurrentCalls + 1), 10_000);
}
