using System.Buffers;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Storage.Postgres;

/// <summary>One row a transition with its timeline events, outputs and count deltas.</summary>
internal static class Journal
{
    public static void Add(NpgsqlBatch batch, List<RequestChange> saved, Dictionary<Guid, long> numbers)
    {
        var rows = saved.FindAll(c => c.Outputs.Count > 0 || c.Counts.Count > 0 || !c.Timeline.IsEmpty);
        if (rows.Count == 0)
            return;
        batch.Add("INSERT INTO journal (request, version, counts, timeline, outputs) SELECT * FROM unnest($1, $2, $3, $4, $5)")
            .WithArray(NpgsqlDbType.Bigint, rows.Select(c => numbers[c.Record.Id]))
            .WithArray(NpgsqlDbType.Bigint, rows.Select(c => c.Record.Version))
            .WithArray(NpgsqlDbType.Bytea, rows.Select(PackCounts))
            .WithArray(NpgsqlDbType.Bytea, rows.Select(c => c.Timeline.IsEmpty ? (ReadOnlyMemory<byte>?)null : c.Timeline))
            .WithArray(NpgsqlDbType.Bytea, rows.Select(PackOutputs));
    }

    private static byte[]? PackCounts(RequestChange change)
    {
        if (change.Counts.Count == 0)
            return null;
        var packed = new ArrayBufferWriter<byte>();
        CountPacking.Write(packed, change.Record.Workflow, change.Counts);
        return packed.WrittenSpan.ToArray();
    }

    private static byte[]? PackOutputs(RequestChange change)
    {
        if (change.Outputs.Count == 0)
            return null;
        var packed = new ArrayBufferWriter<byte>();
        OutputPacking.Write(packed, change.Outputs);
        return packed.WrittenSpan.ToArray();
    }
}
