namespace Millrace.Contracts;

/// <summary>What a caller of a REST route may do; each is also the name of an authorization policy.</summary>
public static class AccessRoles
{
    /// <summary>Publish posts.</summary>
    public const string Ingest = "ingest";

    /// <summary>Read requests, workflows, scores and counts.</summary>
    public const string Read = "read";

    /// <summary>Cancel, redrive, pause, requeue; includes the other two.</summary>
    public const string Operate = "operate";

    public static IReadOnlyList<string> All { get; } = [Ingest, Read, Operate];
}
