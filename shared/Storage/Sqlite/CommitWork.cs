using System.Buffers;
using Millrace.Contracts;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>The writer's hot path: a group of transitions inside the current transaction. Used by the writer alone.</summary>
internal sealed class CommitWork
{
    private readonly ArrayBufferWriter<byte> _effects = new(64 * 1024);
    private readonly CountTotals _counts = new();
    private readonly Journal.Packer _packer = new();

    public CommitResult Run(
        SqliteDatabase database, NameTable names, IReadOnlyList<RequestChange> changes, IReadOnlyList<OutboxTicket> sent, string owner,
        DateTimeOffset leaseUntil)
    {
        _effects.ResetWrittenCount();
        _counts.Clear();
        var conflicts = new List<int>();
        for (var i = 0; i < changes.Count; i++)
        {
            if (!TrySave(database, names, changes[i]))
            {
                conflicts.Add(i);
                continue;
            }
            _counts.Add(changes[i].Counts);
            if (!changes[i].Effects.IsEmpty)
                EffectPacking.Write(_effects, changes[i].Record.Id, changes[i].Effects);
        }
        Counters.Move(database, names, _counts.Moved());
        Outbox.Remove(database, sent);
        return new CommitResult(conflicts, Outbox.Add(database, owner, Micros.From(leaseUntil), _effects.WrittenSpan));
    }

    private bool TrySave(SqliteDatabase database, NameTable names, RequestChange change)
    {
        if (change.Record.Version == 1)
            return TryInsert(database, names, change);
        var stored = StoredRow.Find(database, change.Record.Id);
        if (stored is not { } row || row.Version != change.Record.Version - 1)
            return false;
        var (journal, output) = _packer.Add(database, change, row.LastJournal, row.LastOutput);
        if (row.MovesAlone(change.Record))
            UpdateMoved(database, change.Record, row.No, journal, output);
        else
            UpdateIndexed(database, names, change.Record, row.No, journal, output);
        return true;
    }

    private bool TryInsert(SqliteDatabase database, NameTable names, RequestChange change)
    {
        var record = change.Record;
        if (StoredRow.Find(database, record.Id) is not null)
            return false;
        var (journal, output) = _packer.Add(database, change, 0, 0);
        var due = Micros.From(record.DueAt);
        database.Use(
            """
            INSERT INTO requests (id, version, status, workflow, definition, last_journal, last_output, created_at, updated_at, finished_at,
                due_at, wake_at, parent, parent_step, parent_index, own_id, key, error_code, error_step, state)
            VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
            """)
            .Bind(1, record.Id).Bind(2, names.Number(database, record.Status)).Bind(3, names.Number(database, record.Workflow))
            .Bind(4, names.Number(database, record.DefinitionHash)).Bind(5, journal).Bind(6, output).Bind(7, Micros.From(record.CreatedAt))
            .Bind(8, Micros.From(record.UpdatedAt)).Bind(9, Micros.From(record.FinishedAt)).Bind(10, due)
            .BindUnlessNull(11, record.Parent?.RequestId)
            .Bind(12, record.Parent is { } parent ? names.Number(database, parent.Step) : null).Bind(13, record.Parent?.Index)
            .Bind(14, record.Key is { } key && RequestIds.ForKey(record.Workflow, key) != record.Id ? 1 : 0).Bind(15, record.Key)
            .Bind(16, record.ErrorCode).Bind(17, record.ErrorStep).Bind(18, record.State.Span).Run();
        return true;
    }

    // SQLite rewrites the entry of each index that names a column being set, changed or not. Most transitions move none.
    private static void UpdateMoved(SqliteDatabase database, RequestRecord record, long no, long journal, long output) =>
        database.Use(
            "UPDATE requests SET version = ?2, last_journal = ?3, last_output = ?4, updated_at = ?5, due_at = ?6, state = ?7 WHERE no = ?1")
            .Bind(1, no).Bind(2, record.Version).Bind(3, journal).Bind(4, output).Bind(5, Micros.From(record.UpdatedAt))
            .Bind(6, Micros.From(record.DueAt)).Bind(7, record.State.Span).Run();

    private static void UpdateIndexed(
        SqliteDatabase database, NameTable names, RequestRecord record, long no, long journal, long output) =>
        database.Use(
            """
            UPDATE requests SET version = ?2, last_journal = ?3, last_output = ?4, updated_at = ?5, due_at = ?6, wake_at = ?6, state = ?7,
                status = ?8, finished_at = ?9, error_code = ?10, error_step = ?11 WHERE no = ?1
            """)
            .Bind(1, no).Bind(2, record.Version).Bind(3, journal).Bind(4, output).Bind(5, Micros.From(record.UpdatedAt))
            .Bind(6, Micros.From(record.DueAt)).Bind(7, record.State.Span).Bind(8, names.Number(database, record.Status))
            .Bind(9, Micros.From(record.FinishedAt)).Bind(10, record.ErrorCode).Bind(11, record.ErrorStep).Run();
}
