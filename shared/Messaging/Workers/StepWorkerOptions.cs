using System.ComponentModel.DataAnnotations;

namespace Millrace.Messaging.Workers;

/// <summary>How a worker takes messages from its step's queue.</summary>
public sealed record StepWorkerOptions
{
    /// <summary>Inputs of one call of the handler, from 1 to 10,000. A larger batch is handled in parts.</summary>
    [Range(1, 10_000)]
    public int MaxBatchItems { get; set; } = 64;

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

    internal int EffectivePrefetch => Prefetch > 0 ? Prefetch : Math.Min(MaxBatchItems * (MaxConcurrentCalls + 1), 10_000);
}
