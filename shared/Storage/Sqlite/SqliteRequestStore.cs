using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

internal sealed class SqliteRequestStore(SqliteWriter writer, SqliteReaders readers) : SqliteRequestReader(readers), IRequestStore
{
    private readonly CommitWork _commit = new();

    public Task<CommitResult> CommitAsync(
        IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        RequestLimits.Check(changes);
        return writer.RunAsync((database, names) => _commit.Run(database, names, changes, sent, owner, leaseUntil), cancellationToken);
    }

    public Task RenewLeaseAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        writer.RunAsync((database, _) => Outbox.Renew(database, owner, inHand, Micros.From(leaseUntil)), cancellationToken);

    public Task<IReadOnlyList<UnsentEffects>> ClaimUnsentAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken) =>
        writer.RunAsync(
            (database, _) => Outbox.Claim(database, owner, Micros.From(now), Micros.From(leaseUntil), includeOwn, limit), cancellationToken);

    public async Task<IReadOnlyList<Guid>> ClaimDueAsync(
        DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken)
    {
        while (await writer.RunAsync((database, _) => DueRequests.Move(database, Micros.From(now), limit), cancellationToken) > 0)
        {
        }
        return await Readers.RunAsync((database, _) => DueRequests.Find(database, Micros.From(now), limit), cancellationToken);
    }

    public Task<int> DeleteFinishedAsync(string workflow, DateTimeOffset finishedBefore, int limit, CancellationToken cancellationToken) =>
        new Retention(writer, workflow, Micros.From(finishedBefore)).RunAsync(limit, cancellationToken);
}
