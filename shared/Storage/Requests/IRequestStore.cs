namespace Millrace.Storage.Requests;

/// <summary>
/// Where requests live. The laws: a commit is one transaction, durable when it returns; versions decide who wins;
/// effects are saved with the state that causes them and stay until they are reported sent.
/// </summary>
public interface IRequestStore : IRequestReader
{
    /// <summary>
    /// Saves a group of transitions in one transaction. Conflicting changes are left out and named, the others are saved.
    /// Tickets whose effects have been confirmed are removed in the same transaction.
    /// </summary>
    /// <param name="changes">At most one change a request.</param>
    /// <param name="owner">The manager that will send the effects.</param>
    /// <param name="leaseUntil">Until then no other manager claims them.</param>
    /// <exception cref="ArgumentException">A change breaks a limit of its record; nothing is saved.</exception>
    /// <exception cref="StoreException">
    /// Nothing was saved, or, if the connection broke during the commit, perhaps everything: committing again then names the
    /// saved changes as conflicts, and loading shows them.
    /// </exception>
    Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken);

    /// <summary>
    /// Sets the end of the lease of these effects, as far as they are still this owner's. An owner renews what it has in hand and nothing
    /// else: what it does not know of, such as a commit that was saved after it was given up, is then taken up by a claim.
    /// </summary>
    Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over effects whose lease has ended, oldest first, or all those of <paramref name="owner"/> itself when
    /// <paramref name="includeOwn"/> is set (a restart under the same name).
    /// </summary>
    Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Takes running requests whose <see cref="RequestRecord.DueAt"/> has passed, earliest first. No other claim finds them until the lease
    /// ends or they move; one that does not move is due again then. A store for one manager gives no lease: there they stay due.
    /// </summary>
    Task<IReadOnlyList<Guid>> ClaimDueAsync(DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes up to <paramref name="limit"/> top-level requests of the workflow that finished before the given time, with their
    /// children, outputs and timelines, and takes them out of the counts. A request with effects that are not sent, such as its result,
    /// stays; while very much is unsent, all may.
    /// </summary>
    /// <returns>How many top-level requests were removed.</returns>
    Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken);
}
