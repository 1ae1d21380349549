using System.Buffers;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// One appended row a transition, holding its timeline events, outputs and count deltas. Rows of a request form two chains,
/// newest first: all of them (prev), and those with outputs (prev_output). Appending keeps pages full whatever requests are
/// worked on, and costs no index.
/// </summary>
internal static class Journal
{
    public static IReadOnlyList<TimelineRecord> ReadTimeline(SqliteDatabase database, Guid id, long afterVersion)
    {
        var found = new List<TimelineRecord>();
        var next = StoredRow.Find(database, id)?.LastJournal ?? 0;
        while (next != 0)
        {
            using var row = database.Use("SELECT prev, version, timeline FROM journal WHERE no = ?").Bind(1, next);
            Require(row);
            if (row.Int64(1) <= afterVersion)
                break;
            if (!row.IsNull(2))
                found.Add(new TimelineRecord(row.Int64(1), row.Blob(2)));
            next = row.Int64(0);
        }
        found.Reverse();
        return found;
    }

    public static IReadOnlyList<OutputRecord> ReadOutputs(SqliteDatabase database, long lastOutput)
    {
        var found = new List<OutputRecord>();
        var next = lastOutput;
        while (next != 0)
        {
            using var row = database.Use("SELECT prev_output, outputs FROM journal WHERE no = ?").Bind(1, next);
            Require(row);
            OutputPacking.AddMissing(row.Span(1), found);
            next = row.Int64(0);
        }
        return found;
    }

    public static byte[]? FindOutput(SqliteDatabase database, long lastOutput, string name)
    {
        byte[]? found = null;
        var next = lastOutput;
        while (next != 0 && found is null)
        {
            using var row = database.Use("SELECT prev_output, outputs FROM journal WHERE no = ?").Bind(1, next);
            Require(row);
            found = OutputPacking.Find(row.Span(1), name);
            next = row.Int64(0);
        }
        return found;
    }

    /// <summary>Removes the whole chain and takes what it counted out of the totals.</summary>
    public static void Delete(SqliteDatabase database, long lastJournal, string workflow, CountTotals totals)
    {
        var next = lastJournal;
        while (next != 0)
        {
            var no = next;
            using (var row = database.Use("SELECT prev, counts FROM journal WHERE no = ?").Bind(1, no))
            {
                Require(row);
                CountPacking.Subtract(row.Span(1), workflow, totals);
                next = row.Int64(0);
            }
            database.Use("DELETE FROM journal WHERE no = ?").Bind(1, no).Run();
        }
    }

    private static void Require(SqliteStatement row)
    {
        if (!row.Step())
            throw new StoreException(StoreFailure.Corrupt, "The store lacks a part of a request's journal. Stop, and restore it from a copy.");
    }

    /// <summary>Adds rows with buffers that are used again.</summary>
    internal sealed class Packer
    {
        private readonly ArrayBufferWriter<byte> _counts = new(1024);
        private ArrayBufferWriter<byte> _outputs = new(InitialBytes);

        private const int InitialBytes = 64 * 1024;

        /// <returns>The new heads of the two chains.</returns>
        public (long LastJournal, long LastOutput) Add(SqliteDatabase database, RequestChange change, long prev, long prevOutput)
        {
            if (change.Outputs.Count == 0 && change.Timeline.IsEmpty && change.Counts.Count == 0)
                return (prev, prevOutput);
            _counts.ResetWrittenCount();
            CountPacking.Write(_counts, change.Record.Workflow, change.Counts);
            OutputPacking.Write(_outputs, change.Outputs);
            database.Use("INSERT INTO journal (version, prev, prev_output, counts, timeline, outputs) VALUES (?, ?, ?, ?, ?, ?)")
                .Bind(1, change.Record.Version).Bind(2, prev).Bind(3, prevOutput).BindUnlessEmpty(4, _counts.WrittenSpan)
                .BindUnlessEmpty(5, change.Timeline.Span).BindUnlessEmpty(6, _outputs.WrittenSpan).Run();
            Reset();
            return (database.LastInsertRowId, change.Outputs.Count > 0 ? database.LastInsertRowId : prevOutput);
        }

        // One large output must not be held in memory for good.
        private void Reset()
        {
            if (_outputs.Capacity > 16 * InitialBytes)
                _outputs = new ArrayBufferWriter<byte>(InitialBytes);
            else
                _outputs.ResetWrittenCount();
        }
    }
}
