using System.Diagnostics;
using Spectre.Console;

namespace Millrace.Cli.Terminal;

/// <summary>A count that moves, with its rate, on standard error; quiet where that is no terminal.</summary>
internal static class RateProgress
{
    public static async Task<T> TrackAsync<T>(Output output, string unit, Func<IProgress<long>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work(new Report(_ => { }));
        var watch = Stopwatch.StartNew();
        return await output.Progress.Status().StartAsync(
            unit, status => work(new Report(count => status.Status($"{count} {unit}, {count / watch.Elapsed.TotalSeconds:0}/s"))));
    }

    private sealed class Report(Action<long> show) : IProgress<long>
    {
        void IProgress<long>.Report(long value) => show(value);
    }
}
