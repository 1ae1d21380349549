using System.Globalization;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Ingest;

/// <summary>Shows an ingest on standard error: a bar that moves on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class IngestDisplay(Output output, TimeProvider time)
{
    private static readonly TimeSpan LineEvery = TimeSpan.FromSeconds(5);

    private long? _lastLine;

    public Task<IngestSummary> TrackAsync(Func<Action<IngestProgress>, Task<IngestSummary>> work) =>
        TrackAsync<IngestProgress, IngestSummary>(work, progress => (progress.Share, progress.Describe()));

    public Task<FollowProgress> TrackAsync(Func<Action<FollowProgress>, Task<FollowProgress>> work) =>
        TrackAsync<FollowProgress, FollowProgress>(work, progress => (Share(progress), Describe(progress)));

    private Task<TResult> TrackAsync<TProgress, TResult>(Func<Action<TProgress>, Task<TResult>> work, Func<TProgress, (double Share, string Text)> read) =>
        Console.IsErrorRedirected
            ? work(progress => WriteLine(read(progress).Text))
            : output.Progress.Progress().AutoClear(true).HideCompleted(true)
                .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .StartAsync(display =>
                {
                    var bar = display.AddTask("starting", maxValue: 1);
                    return work(progress =>
                    {
                        var (share, text) = read(progress);
                        (bar.Value, bar.Description) = (share, Markup.Escape(text));
                    });
                });

    private void WriteLine(string text)
    {
        if (_lastLine is { } at && time.GetElapsedTime(at) < LineEvery)
            return;
        _lastLine = time.GetTimestamp();
        output.Progress.WriteLine(text);
    }

    private static double Share(FollowProgress progress) =>
        progress.Completed + progress.Failed is > 0 and var ended ? (double)ended / (ended + progress.Open) : 0;

    private static string Describe(FollowProgress progress) => string.Create(
        CultureInfo.InvariantCulture, $"{progress.Completed:N0} completed, {progress.Failed:N0} failed, {progress.Open:N0} open")
        + (progress.Remaining is { } remaining ? $", done in {IngestProgress.Span(remaining)}" : "");
}
