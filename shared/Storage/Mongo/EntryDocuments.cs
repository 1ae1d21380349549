using System.Buffers;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;

namespace Millrace.Storage.Mongo;

/// <summary>
/// One transition inside its request's document: v its version, c the commit that wrote it, k count deltas, t timeline events,
/// o packed outputs or, where they are large, b the id and n the number of parts of their body.
/// </summary>
internal static class EntryDocuments
{
    public static BsonDocument Entry(RequestChange change, long commit, List<BsonDocument> bodies)
    {
        var entry = new BsonDocument { ["v"] = change.Record.Version, ["c"] = commit };
        if (change.Counts.Count > 0)
        {
            var counts = new ArrayBufferWriter<byte>();
            CountPacking.Write(counts, change.Record.Workflow, change.Counts);
            entry["k"] = counts.WrittenSpan.ToArray();
        }
        if (!change.Timeline.IsEmpty)
            entry["t"] = change.Timeline.ToArray();
        if (change.Outputs.Count > 0)
        {
            var outputs = new ArrayBufferWriter<byte>();
            OutputPacking.Write(outputs, change.Outputs);
            BodyParts.Put(entry, "o", outputs.WrittenMemory, change.Record, commit, bodies);
        }
        return entry;
    }

    public static BsonDocument Unsent(RequestChange change, long commit, List<BsonDocument> bodies)
    {
        var unsent = new BsonDocument("c", commit);
        BodyParts.Put(unsent, "e", change.Effects, change.Record, commit, bodies);
        return unsent;
    }
}
