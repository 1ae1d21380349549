namespace Millrace.Storage.Requests;

/// <summary>
/// Where requests live. The laws: a commit is one transaction, durable when it returns; versions decide who wins;
/// effects are saved with the state that causes them and stay until they are reported sent.
/// </summary>
public interface IRequestStore
{
    /// <summary>Requests with their outputs, in the order of the ids; null where none is stored.</summary>
    Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>How far a request is, without its state and outputs; null if none is stored.</summary>
    Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken);

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

    /// <summary>Running requests whose <see cref="RequestRecord.DueAt"/> has passed, earliest first.</summary>
    Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <exception cref="ArgumentException">The cursor was not made by this store, or the limit is out of range.</exception>
    Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken);

    Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken);

    /// <summary>All timeline records of a request in order of version; empty if it is unknown.</summary>
    Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken);

    /// <summary>Children of one task step in order of index, from <paramref name="fromIndex"/> on.</summary>
    Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Removes up to <paramref name="limit"/> top-level requests of the workflow that finished before the given time, with their
    /// children, outputs and timelines, and takes them out of the counts. A request with effects that are not sent, such as its result,
    /// stays; while very much is unsent, all may.
    /// </summary>
    /// <returns>How many top-level requests were removed.</returns>
    Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken);
}
