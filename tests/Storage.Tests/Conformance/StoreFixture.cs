namespace Millrace.Storage.Tests.Conformance;

/// <summary>Where an adapter's stores stand during a test run.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    /// <summary>Why this adapter can't be tested here; null if it can.</summary>
    public virtual string? SkipReason => null;

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The URL of a store that holds nothing yet.</summary>
    public abstract Task<string> NewUrlAsync();
}
