using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.Chaos.Tests.Faults;

/// <summary>Every boundary of a manager between saving, sending and acknowledging, and up to which time it is worth dying there.</summary>
internal static class ManagerFailPoints
{
    public static IReadOnlyList<(string Name, int Times)> All { get; } =
    [
        ("commit.before", 40),
        ("commit.after", 40),
        ("commit.told", 40),
        ("ingest.saved", 40),
        ("reply.saved", 40),
        ("ack.before", 40),
        ("ack.after", 40),
        ("outbox.claimed", 1),
        .. Kinds.SelectMany(kind => new[] { ($"{kind}.before", 10), ($"{kind}.after", 10) }),
    ];

    /// <summary>The engine's effects.</summary>
    private static IEnumerable<string> Kinds => typeof(Effect).GetNestedTypes().Select(kind => kind.Name);
}
