using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>The effects of one commit as one row, from that commit until a later one that knows them to be sent.</summary>
internal static class Outbox
{
    public static OutboxTicket Add(SqliteDatabase database, string owner, long leaseUntil, ReadOnlySpan<byte> effects)
    {
        if (effects.IsEmpty)
            return OutboxTicket.None;
        database.Use("INSERT INTO outbox (owner, lease_until, effects) VALUES (?, ?, ?)")
            .Bind(1, owner).Bind(2, leaseUntil).Bind(3, effects).Run();
        return new OutboxTicket(database.LastInsertRowId, owner);
    }

    public static void Remove(SqliteDatabase database, IReadOnlyList<OutboxTicket> sent)
    {
        foreach (var ticket in sent)
            database.Use("DELETE FROM outbox WHERE id = ?").Bind(1, ticket.Id).Run();
    }

    public static int Renew(SqliteDatabase database, string owner, IReadOnlyList<OutboxTicket> inHand, long leaseUntil)
    {
        var renewed = 0;
        foreach (var ticket in inHand)
        {
            renewed += database.Use("UPDATE outbox SET lease_until = ? WHERE id = ? AND owner = ?")
                .Bind(1, leaseUntil).Bind(2, ticket.Id).Bind(3, owner).Run();
        }
        return renewed;
    }

    public static IReadOnlyList<UnsentEffects> Claim(
        SqliteDatabase database, string owner, long now, long leaseUntil, bool includeOwn, int limit)
    {
        var claimed = new List<UnsentEffects>();
        using (var rows = database.Use(
            """
            SELECT id, effects FROM outbox WHERE (owner <> ?1 AND lease_until <= ?2) OR (owner = ?1 AND (?3 OR lease_until <= ?2))
            ORDER BY id LIMIT ?4
            """).Bind(1, owner).Bind(2, now).Bind(3, includeOwn ? 1 : 0).Bind(4, limit))
        {
            while (rows.Step())
                claimed.Add(EffectPacking.Read(new OutboxTicket(rows.Int64(0), owner), rows.Blob(1)));
        }
        foreach (var effects in claimed)
            database.Use("UPDATE outbox SET owner = ?, lease_until = ? WHERE id = ?")
                .Bind(1, owner).Bind(2, leaseUntil).Bind(3, effects.Ticket.Id).Run();
        return claimed;
    }
}
