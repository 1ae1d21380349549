namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>What is said of a request that is stored in a way that this build can't read.</summary>
internal static class Unreadable
{
    public static string Explain(string problem) => $"This build can't read the request; a manager of the build that wrote it, or a newer one, can. {problem}";
}
