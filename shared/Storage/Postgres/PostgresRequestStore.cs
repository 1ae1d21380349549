using Millrace.Storage.Requests;

namespace Millrace.Storage.Postgres;

internal sealed class PostgresRequestStore(PostgresSession reads, PostgresSession writes) : PostgresRequestReader(reads), IRequestStore
{
    public Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        RequestLimits.Check(changes);
        return writes.RunAsync(
            connection => new CommitWork(connection, changes, cancellationToken).RunAsync(sent, owner, leaseUntil), cancellationToken);
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        writes.RunAsync(connection => Outbox.RenewAsync(connection, owner, inHand, leaseUntil, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        writes.RunAsync(
            connection => Outbox.ClaimAsync(connection, owner, now, leaseUntil, includeOwn, limit, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<Guid>> ClaimDueAsync(
        DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken) =>
        writes.RunAsync(connection => DueRequests.ClaimAsync(connection, now, leaseUntil, limit, cancellationToken), cancellationToken);

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        new Retention(writes, workflow, finishedBefore).RunAsync(limit, cancellationToken);
}
