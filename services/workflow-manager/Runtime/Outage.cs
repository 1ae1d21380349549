using Millrace.Storage;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>Tells what strikes everybody, and passes, from what is wrong with one thing alone.</summary>
internal static class Outage
{
    public static bool Is(Exception failure) => failure is StoreException or IOException or TimeoutException or OperationCanceledException;
}
