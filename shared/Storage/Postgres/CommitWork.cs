using System.Buffers;
using Millrace.Contracts;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>
/// A group of transitions in two round trips: the rows, whose answer says which versions held; then what belongs to those.
/// </summary>
internal sealed class CommitWork(NpgsqlConnection connection, IReadOnlyList<RequestChange> changes, CancellationToken cancellationToken)
{
    private const string InsertRows =
        """
        INSERT INTO requests (id, version, status, workflow, definition_hash, created_at, updated_at, finished_at, due_at, wake_at,
            parent_id, parent_step, parent_index, own_id, key, error_code, error_step, state)
        SELECT id, 1, status, workflow, definition_hash, created_at, updated_at, finished_at, due_at,
            CASE WHEN status = 'running' THEN due_at END, parent_id, parent_step, parent_index, own_id, key, error_code, error_step, state
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS u (
            id, status, workflow, definition_hash, created_at, updated_at, finished_at, due_at,
            parent_id, parent_step, parent_index, own_id, key, error_code, error_step, state)
        ON CONFLICT (id) DO NOTHING RETURNING id, no
        """;

    private const string UpdateRows =
        """
        UPDATE requests r SET version = u.version, status = u.status, updated_at = u.updated_at, finished_at = u.finished_at,
            due_at = u.due_at, error_code = u.error_code, error_step = u.error_step, state = u.state,
            wake_at = CASE WHEN u.status <> 'running' THEN NULL
                WHEN u.due_at < r.wake_at OR r.wake_at IS NULL THEN u.due_at ELSE r.wake_at END
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS u (
            id, version, status, updated_at, finished_at, due_at, error_code, error_step, state)
        WHERE r.id = u.id AND r.version = u.version - 1 RETURNING r.id, r.no
        """;

    public async Task<CommitResult> RunAsync(IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil)
    {
        var numbers = await SaveRowsAsync(sent);
        var conflicts = new List<int>();
        var saved = new List<RequestChange>(changes.Count);
        for (var i = 0; i < changes.Count; i++)
        {
            if (numbers.ContainsKey(changes[i].Record.Id))
                saved.Add(changes[i]);
            else
                conflicts.Add(i);
        }
        return new CommitResult(conflicts, await FinishAsync(saved, numbers, owner, leaseUntil));
    }

    private async Task<Dictionary<Guid, long>> SaveRowsAsync(IReadOnlyList<OutboxTicket> sent)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add("BEGIN");
        // In one order everywhere, so that managers that lock the same rows seldom wait in a circle.
        var ordered = changes.OrderBy(c => c.Record.Id).ToList();
        AddInsert(batch, ordered.Where(c => c.Record.Version == 1).ToList());
        AddUpdate(batch, ordered.Where(c => c.Record.Version > 1).ToList());
        if (sent.Count > 0)
            batch.Add("DELETE FROM outbox WHERE id = ANY($1)").WithArray(NpgsqlDbType.Bigint, sent.Select(t => t.Id));
        var numbers = new Dictionary<Guid, long>(changes.Count);
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await rows.ReadAsync(cancellationToken))
                numbers.Add(rows.GetGuid(0), rows.GetInt64(1));
        }
        while (await rows.NextResultAsync(cancellationToken));
        return numbers;
    }

    private static void AddInsert(NpgsqlBatch batch, List<RequestChange> fresh)
    {
        if (fresh.Count == 0)
            return;
        var records = fresh.ConvertAll(c => c.Record);
        batch.Add(InsertRows)
            .WithArray(NpgsqlDbType.Uuid, records.Select(r => r.Id)).WithTexts(records.Select(r => r.Status))
            .WithTexts(records.Select(r => r.Workflow)).WithTexts(records.Select(r => r.DefinitionHash))
            .WithTimes(records.Select(r => (DateTimeOffset?)r.CreatedAt)).WithTimes(records.Select(r => (DateTimeOffset?)r.UpdatedAt))
            .WithTimes(records.Select(r => r.FinishedAt)).WithTimes(records.Select(r => r.DueAt))
            .WithArray(NpgsqlDbType.Uuid, records.Select(r => r.Parent?.RequestId)).WithTexts(records.Select(r => r.Parent?.Step))
            .WithArray(NpgsqlDbType.Integer, records.Select(r => r.Parent?.Index))
            .WithArray(NpgsqlDbType.Boolean, records.Select(r => r.Key is { } key && RequestIds.ForKey(r.Workflow, key) != r.Id))
            .WithTexts(records.Select(r => r.Key)).WithTexts(records.Select(r => r.ErrorCode)).WithTexts(records.Select(r => r.ErrorStep))
            .WithArray(NpgsqlDbType.Bytea, records.Select(r => r.State));
    }

    private static void AddUpdate(NpgsqlBatch batch, List<RequestChange> moved)
    {
        if (moved.Count == 0)
            return;
        var records = moved.ConvertAll(c => c.Record);
        batch.Add(UpdateRows)
            .WithArray(NpgsqlDbType.Uuid, records.Select(r => r.Id)).WithArray(NpgsqlDbType.Bigint, records.Select(r => r.Version))
            .WithTexts(records.Select(r => r.Status)).WithTimes(records.Select(r => (DateTimeOffset?)r.UpdatedAt))
            .WithTimes(records.Select(r => r.FinishedAt)).WithTimes(records.Select(r => r.DueAt))
            .WithTexts(records.Select(r => r.ErrorCode)).WithTexts(records.Select(r => r.ErrorStep))
            .WithArray(NpgsqlDbType.Bytea, records.Select(r => r.State));
    }

    private async Task<OutboxTicket> FinishAsync(
        List<RequestChange> saved, Dictionary<Guid, long> numbers, string owner, DateTimeOffset leaseUntil)
    {
        await using var batch = new NpgsqlBatch(connection);
        var effects = new ArrayBufferWriter<byte>();
        foreach (var change in saved.Where(c => !c.Effects.IsEmpty))
            EffectPacking.Write(effects, change.Record.Id, change.Effects);
        if (effects.WrittenCount > 0)
            Outbox.Add(batch, owner, leaseUntil, effects.WrittenMemory);
        Journal.Add(batch, saved, numbers);
        // Last, because all commits share the counters: their rows are locked from here to the end alone.
        var totals = new CountTotals();
        saved.ForEach(c => totals.Add(c.Counts));
        Counters.Move(batch, totals.Moved());
        batch.Add("COMMIT");
        await using var rows = await batch.ExecuteReaderAsync(cancellationToken);
        var ticket = effects.WrittenCount > 0 && await rows.ReadAsync(cancellationToken)
            ? new OutboxTicket(rows.GetInt64(0), owner)
            : OutboxTicket.None;
        while (await rows.NextResultAsync(cancellationToken))
        {
        }
        return ticket;
    }
}
