namespace Millrace.Cli.Ingest;

/// <summary>Holds an ingest back while what it sent before is still piling up, so that neither broker nor store is flooded.</summary>
/// <param name="maxWaiting">Posts that may wait at the target.</param>
internal sealed class IngestRoom(IIngestTarget target, int maxWaiting, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private long _sentSinceLook;
    private long? _lookedAt;

    /// <summary>Posts that waited when they were last counted.</summary>
    public long Waiting { get; private set; }

    /// <summary>Returns once so many more posts may be sent.</summary>
    public async Task WaitAsync(int posts, Action onWaiting, CancellationToken cancellationToken)
    {
        if (IsLookDue(posts))
        {
            while (await LookAsync(cancellationToken) + posts > maxWaiting && Waiting > 0)
            {
                onWaiting();
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
        _sentSinceLook += posts;
    }

    /// <summary>Not before each group, which would cost more than sending it, unless what was sent since may have filled the room.</summary>
    private bool IsLookDue(int posts) =>
        _lookedAt is not { } at || Waiting + _sentSinceLook + posts > maxWaiting || time.GetElapsedTime(at) >= LookEvery;

    private async Task<long> LookAsync(CancellationToken cancellationToken)
    {
        Waiting = await target.CountWaitingAsync(cancellationToken);
        (_lookedAt, _sentSinceLook) = (time.GetTimestamp(), 0);
        return Waiting;
    }
}
