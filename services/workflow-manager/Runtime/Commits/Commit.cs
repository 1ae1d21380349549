using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>A group in the store's hands.</summary>
/// <param name="sent">What it makes the store forget.</param>
/// <param name="ended">Set when what it saved is known here, or that it failed.</param>
internal sealed class Commit(
    OpenGroup group, IReadOnlyList<PreparedChange> changes, IReadOnlyList<OutboxTicket> sent, Task<CommitResult> saving,
    TaskCompletionSource ended)
{
    public OpenGroup Group { get; } = group;

    public IReadOnlyList<PreparedChange> Changes { get; } = changes;

    public IReadOnlyList<OutboxTicket> Sent { get; } = sent;

    public Task<CommitResult> Saving { get; } = saving;

    public TaskCompletionSource Ended { get; } = ended;

    /// <summary>Works that must not be decided about before it has ended, in the order in which they came.</summary>
    public List<QueuedWork> Behind { get; } = [];
}
