using Millrace.Storage;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>Tells what strikes everybody, and passes, from what is wrong with one thing alone, such as a damaged row.</summary>
internal static class Outage
{
    public static bool Is(Exception failure) =>
        failure is StoreException { Failure: not StoreFailure.Corrupt } or IOException or TimeoutException or OperationCanceledException;
}
