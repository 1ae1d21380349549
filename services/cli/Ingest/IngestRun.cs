using System.Diagnostics;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <param name="Read">Posts found in the files.</param>
/// <param name="Sent">Posts that are durable at the target.</param>
/// <param name="Resumed">Posts that an earlier, interrupted run had already sent.</param>
internal sealed record IngestSummary(long Read, long Sent, long Resumed, IReadOnlyList<string> Refused, double Seconds)
{
    /// <summary>Refusals beyond this many are counted in <see cref="RefusedCount"/> only.</summary>
    public const int MaxRefusalsShown = 20;

    public long RefusedCount { get; init; }
}

/// <summary>Takes all posts of some files to a target: in groups, in order, never more in flight than one group.</summary>
internal sealed class IngestRun(IReadOnlyList<string> files, IIngestTarget target, IngestCheckpoint checkpoint, int groupSize)
{
    private readonly List<string> _refused = [];
    private long _read;
    private long _sent;
    private long _refusedCount;

    public async Task<IngestSummary> RunAsync(IProgress<long> progress, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var resumed = checkpoint.Done;
        var group = new List<Post>(groupSize);
        foreach (var file in files)
        {
            await foreach (var post in PostFile.ReadAsync(file, cancellationToken))
            {
                if (_read++ < resumed)
                    continue;
                group.Add(post);
                if (group.Count == groupSize)
                    await FlushAsync(group, progress, cancellationToken);
            }
        }
        await FlushAsync(group, progress, cancellationToken);
        checkpoint.Complete();
        return new IngestSummary(_read, _sent, Math.Min(resumed, _read), _refused, watch.Elapsed.TotalSeconds) { RefusedCount = _refusedCount };
    }

    private async Task FlushAsync(List<Post> group, IProgress<long> progress, CancellationToken cancellationToken)
    {
        if (group.Count == 0)
            return;
        await target.WaitForRoomAsync(cancellationToken);
        var refusals = await target.SendAsync(group, cancellationToken);
        _sent += group.Count - refusals.Count;
        _refusedCount += refusals.Count;
        _refused.AddRange(refusals.Take(IngestSummary.MaxRefusalsShown - _refused.Count).Select(refusal => $"{refusal.Post.Source}: {refusal.Reason}"));
        checkpoint.Advance(_read);
        group.Clear();
        progress.Report(_read);
    }
}
