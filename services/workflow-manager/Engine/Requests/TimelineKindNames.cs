using System.Collections.Immutable;
using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Requests;

public static class TimelineKindNames
{
    private static readonly ImmutableArray<string> Names =
        [.. Enum.GetNames<TimelineKind>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>As timelines show it, such as <c>late_reply</c>.</summary>
    public static string Name(this TimelineKind kind) => Names[(int)kind];
}
