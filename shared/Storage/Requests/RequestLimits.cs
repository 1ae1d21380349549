using System.Text;

namespace Millrace.Storage.Requests;

/// <summary>What a change and a query may hold, checked alike before every adapter.</summary>
internal static class RequestLimits
{
    public const int MaxOutputBytes = 64 << 20;

    private static readonly string[] Statuses = ["running", "completed", "failed", "cancelled"];

    public static void Check(IReadOnlyList<RequestChange> changes)
    {
        var ids = new HashSet<Guid>(changes.Count);
        foreach (var change in changes)
        {
            Check(change);
            if (!ids.Add(change.Record.Id))
                throw Refused(change, "changes twice in one commit");
        }
    }

    public static void Check(RequestQuery query)
    {
        if (query.Limit is < 1 or > RequestQuery.MaxLimit)
            throw new ArgumentException($"A page holds 1 to {RequestQuery.MaxLimit} requests.", nameof(query));
    }

    private static void Check(RequestChange change)
    {
        var record = change.Record;
        if (!Statuses.Contains(record.Status))
            throw Refused(change, $"has the unknown status '{record.Status}'");
        if (record.Version < 1)
            throw Refused(change, "has a version below 1");
        if (Exceeds(record.Key, RequestRecord.MaxKeyBytes))
            throw Refused(change, $"has a key over {RequestRecord.MaxKeyBytes} bytes");
        if (IsLongName(record.Workflow) || IsLongName(record.DefinitionHash) || IsLongName(record.ErrorCode) || IsLongName(record.ErrorStep)
            || IsLongName(record.Parent?.Step))
            throw Refused(change, $"has a workflow, step or error code over {RequestRecord.MaxNameBytes} bytes");
        foreach (var output in change.Outputs)
        {
            if (IsLongName(output.Name) || output.Body.Length > MaxOutputBytes)
                throw Refused(change, $"has an output over {MaxOutputBytes} bytes or a name over {RequestRecord.MaxNameBytes}");
        }
        foreach (var count in change.Counts)
        {
            if (IsLongName(count.Workflow) || IsLongName(count.Step) || IsLongName(count.Status))
                throw Refused(change, $"moves a counter with a name over {RequestRecord.MaxNameBytes} bytes");
        }
    }

    private static bool IsLongName(string? text) => Exceeds(text, RequestRecord.MaxNameBytes);

    private static bool Exceeds(string? text, int maxBytes) =>
        text is not null && text.Length * 3 > maxBytes && Encoding.UTF8.GetByteCount(text) > maxBytes;

    private static ArgumentException Refused(RequestChange change, string why) => new($"The request {change.Record.Id} {why}.");
}
