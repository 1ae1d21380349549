using System.Diagnostics;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>One trace from ingest to result: the sender's, or one that the request's id names.</summary>
internal static class TraceParents
{
    public static string? Check(string? header) => ActivityContext.TryParse(header, null, out _) ? header : null;

    /// <returns>32 hexadecimal digits, by which Seq finds the trace; null if there is none.</returns>
    public static string? TraceIdOf(string? header) =>
        ActivityContext.TryParse(header, null, out var context) ? context.TraceId.ToHexString() : null;

    public static string Of(Guid requestId)
    {
        var digits = requestId.ToString("N");
        return $"00-{digits}-{digits[16..]}-01";
    }
}
