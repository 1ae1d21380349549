using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>The effects of one commit as one row, from that commit until a later one that knows them to be sent.</summary>
internal static class Outbox
{
    public static void Add(NpgsqlBatch batch, string owner, DateTimeOffset leaseUntil, ReadOnlyMemory<byte> effects) =>
        batch.Add("INSERT INTO outbox (owner, lease_until, effects) VALUES ($1, $2, $3) RETURNING id").With(owner).With(leaseUntil).With(effects);

    public static async Task<int> RenewAsync(
        NpgsqlConnection connection, string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("UPDATE outbox SET lease_until = $3 WHERE owner = $1 AND id = ANY($2)")
            .With(owner).WithArray(NpgsqlDbType.Bigint, inHand.Select(t => t.Id)).With(leaseUntil);
        return await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    public static async Task<IReadOnlyList<UnsentEffects>> ClaimAsync(
        NpgsqlConnection connection, string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(
            """
            UPDATE outbox SET owner = $1, lease_until = $3 WHERE id IN (
                SELECT id FROM outbox WHERE lease_until <= $2 OR ($4 AND owner = $1) ORDER BY id LIMIT $5 FOR UPDATE SKIP LOCKED)
            RETURNING id, effects
            """).With(owner).With(now).With(leaseUntil).With(NpgsqlDbType.Boolean, includeOwn).With(limit);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<UnsentEffects>();
        while (await rows.ReadAsync(cancellationToken))
            claimed.Add(EffectPacking.Read(new OutboxTicket(rows.GetInt64(0), owner), rows.GetFieldValue<byte[]>(1)));
        claimed.Sort((a, b) => a.Ticket.Id.CompareTo(b.Ticket.Id));
        return claimed;
    }
}
