using System.Diagnostics;

namespace Millrace.Testing;

/// <summary>
/// Ends processes and removes their folder when this process is gone, however it went: a shell waits on a pipe that only
/// this process holds open.
/// </summary>
internal sealed class ProcessGuard : IDisposable
{
    private const string Script = """
        while read -r line; do folder="${line%% *}"; pids="${line#* }"; done
        [ "$pids" = none ] || { kill -9 $pids; sleep 1; rm -rf "$folder"; } 2>/dev/null
        """;

    private readonly Process _shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script]) { RedirectStandardInput = true })!;

    /// <summary>From now on these, and no longer those named before.</summary>
    /// <param name="folder">Null: there is none to remove.</param>
    public void Watch(string? folder, params int[] processIds) => Say($"{folder ?? "-"} {string.Join(' ', processIds)}");

    public void Dispose()
    {
        Say("- none");
        _shell.StandardInput.Close();
        _shell.WaitForExit();
        _shell.Dispose();
    }

    private void Say(string line)
    {
        _shell.StandardInput.Write(line + "\n");
        _shell.StandardInput.Flush();
    }
}
