using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Workflows;

public enum Backoff
{
    Constant,
    Linear,
    Exponential,
}

/// <summary>When a failed attempt is followed by another. An error that is not transient never is.</summary>
public sealed record RetryRule
{
    /// <summary>3 attempts, exponential from one second to one minute: for steps that say nothing.</summary>
    public static RetryRule Default { get; } = new();

    /// <summary>All attempts together, the first included; 1 never retries. Throttled attempts do not count.</summary>
    public int Attempts { get; init; } = 3;

    public Backoff Backoff { get; init; } = Backoff.Exponential;

    /// <summary>Before the second attempt.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>No wait between two attempts is longer.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Error types that are retried; empty: every transient one.</summary>
    public ImmutableArray<string> On { get; init; } = [];

    /// <summary>Error types that are never retried.</summary>
    public ImmutableArray<string> Never { get; init; } = [];

    /// <param name="failures">Failed attempts so far, this one included.</param>
    public bool Allows(StepFailure failure, int failures) =>
        failure.Transient
        && failures < Attempts
        && (On.IsEmpty || On.Contains(failure.Type))
        && !Never.Contains(failure.Type);

    /// <summary>
    /// The wait after the given failure. Up to a fifth is taken off, by request, step and failure, so that requests that failed
    /// together do not return together; it is computed and not drawn, so that deciding twice decides the same.
    /// </summary>
    /// <param name="failures">Failed attempts so far, from 1.</param>
    public TimeSpan DelayAfter(int failures, Guid requestId, int step)
    {
        var factor = Backoff switch
        {
            Backoff.Constant => 1,
            Backoff.Linear => failures,
            _ => Math.Pow(2, failures - 1),
        };
        var wait = Math.Min(Delay.TotalMilliseconds * factor, MaxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Round(wait * (1 - (0.2 * Fraction(requestId, step, failures)))));
    }

    /// <summary>FNV-1a over the place of the failure, as a number from 0 to 1.</summary>
    private static double Fraction(Guid requestId, int step, int failures)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(in requestId)))
            hash = (hash ^ octet) * 1099511628211UL;
        hash = (hash ^ (uint)step) * 1099511628211UL;
        hash = (hash ^ (uint)failures) * 1099511628211UL;
        // The last octets have reached only the upper bits so far (finalizer of MurmurHash3).
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        hash ^= hash >> 33;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }
}
