using System.Diagnostics;

namespace Millrace.Testing;

/// <summary>A program that runs to its end.</summary>
public static class CommandLine
{
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds all that it said.</exception>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, string folder, CancellationToken cancellationToken = default)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {program}");
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} gave {process.ExitCode}:\n{output}{await errors}");
    }
}
