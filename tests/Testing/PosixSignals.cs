using System.Runtime.InteropServices;

namespace Millrace.Testing;

/// <summary>Signals to processes that the tests started.</summary>
public static partial class PosixSignals
{
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int SigStop = 19;
    private const int SigCont = 18;

    public static void Interrupt(int processId) => Send(processId, SigInt);

    public static void Terminate(int processId) => Send(processId, SigTerm);

    public static void Pause(int processId) => Send(processId, SigStop);

    public static void Continue(int processId) => Send(processId, SigCont);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
            throw new InvalidOperationException($"signal {signal} to process {processId} failed: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);
}
