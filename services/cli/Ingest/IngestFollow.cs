using Millrace.Cli.Client;

namespace Millrace.Cli.Ingest;

/// <param name="Completed">Requests of the workflow that completed since the command began.</param>
/// <param name="Failed">That failed or were cancelled.</param>
/// <param name="Open">That are on the queue or run.</param>
internal sealed record FollowProgress(long Completed, long Failed, long Open, TimeSpan? Remaining);

/// <summary>After an ingest: looks on until nothing of the workflow waits or runs any more.</summary>
/// <param name="countQueued">Posts that no manager has taken yet.</param>
internal sealed class IngestFollow(MillraceClient client, Func<CancellationToken, Task<long>> countQueued, string workflow, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly IngestPace _pace = new(expectedPerSecond: null, time);
    private RequestCounts? _before;

    /// <summary>Remembers where the workflow stands before anything is sent.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken) => _before = await RequestCounts.ReadAsync(client, cancellationToken);

    /// <exception cref="MillraceClientException">The manager does not answer.</exception>
    public async Task<FollowProgress> RunAsync(Action<FollowProgress> show, CancellationToken cancellationToken)
    {
        // A message that a manager has taken and not yet saved is counted nowhere, so nothing must be open twice in a row.
        for (var quiet = 0; ;)
        {
            var progress = await LookAsync(cancellationToken);
            show(progress);
            quiet = progress.Open == 0 ? quiet + 1 : 0;
            if (quiet == 2)
                return progress;
            await Task.Delay(LookEvery, time, cancellationToken);
        }
    }

    private async Task<FollowProgress> LookAsync(CancellationToken cancellationToken)
    {
        var queued = await countQueued(cancellationToken);
        var counts = await RequestCounts.ReadAsync(client, cancellationToken);
        long Since(params ReadOnlySpan<string> statuses) => counts.Of(workflow, statuses) - (_before?.Of(workflow, statuses) ?? 0);
        var (completed, failed, open) = (Since("completed"), Since("failed", "cancelled"), queued + counts.Of(workflow, "running"));
        _pace.Look(completed + failed);
        return new FollowProgress(completed, failed, open, _pace.Remaining(completed + failed + open));
    }
}
