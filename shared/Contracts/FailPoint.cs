using System.Diagnostics;
using System.Globalization;

namespace Millrace.Contracts;

/// <summary>
/// A named boundary between saving, sending and acknowledging, at which a test ends or fails the process. Calls exist in debug
/// builds only; what is shipped is a release build and has none of them.
/// </summary>
public static class FailPoint
{
    /// <summary>Environment variable: <c>NAME=kill</c> or <c>NAME=throw</c>, with <c>:N</c> for the N-th time alone, parted by commas.</summary>
    public const string Variable = "MILLRACE_FAILPOINTS";

    private static readonly Dictionary<string, Trap> Traps = Read(Environment.GetEnvironmentVariable(Variable) ?? "");

    /// <exception cref="IOException">The test wants what stands here to fail.</exception>
    [Conditional("DEBUG")]
    public static void Reach(string name)
    {
        if (Traps.TryGetValue(name, out var trap))
            trap.Reach(name);
    }

    /// <summary>What the process writes to its standard output before it dies, so that no other death is taken for this one.</summary>
    public static string Told(string name) => $"The fail point {name} was reached.";

    private static Dictionary<string, Trap> Read(string text) => text
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(each => each.Split('=', ':'))
        .ToDictionary(parts => parts[0], parts => new Trap(parts[1] == "kill", parts.Length > 2 ? int.Parse(parts[2], CultureInfo.InvariantCulture) : 0));

    /// <param name="isFatal">Ends the process as <c>kill -9</c> would; otherwise throws.</param>
    /// <param name="time">Which time it snaps; 0: every time.</param>
    private sealed class Trap(bool isFatal, int time)
    {
        private int _times;

        public void Reach(string name)
        {
            if (time != 0 && Interlocked.Increment(ref _times) != time)
                return;
            if (!isFatal)
                throw new IOException(Told(name));
            Console.Out.WriteLine(Told(name));
            Process.GetCurrentProcess().Kill();
            using var never = new ManualResetEvent(false);
            never.WaitOne();
        }
    }
}
