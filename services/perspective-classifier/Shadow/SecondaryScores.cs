using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Shadow;

/// <summary>
/// Scores of a second provider beside those that count, which it never holds up: what is not there in time is given up, and what was given
/// up and still runs takes one of so many places.
/// </summary>
/// <param name="patience">How long is waited after the scores that count.</param>
/// <param name="maxCalls">Calls in progress at once, those given up among them.</param>
internal sealed class SecondaryScores(IPostClassifier secondary, TimeSpan patience, int maxCalls, TimeProvider clock)
{
    private int _running;

    /// <summary>Calls in progress.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <param name="counting">The scores that count, on their way.</param>
    /// <returns>Null if they are late, fail, or have found no place.</returns>
    public async Task<IReadOnlyList<PostClassification>?> BesideAsync(IReadOnlyList<PostToClassify> posts, Task counting, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _running) > maxCalls)
        {
            Interlocked.Decrement(ref _running);
            return null;
        }
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // On a thread of its own: whatever it does before it first waits must hold up nothing either.
        var scoring = Task.Run(() => secondary.ClassifyAsync(posts, stop.Token), CancellationToken.None);
        await counting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ((Task)scoring).WaitAsync(patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var found = scoring.IsCompletedSuccessfully ? await scoring : null;
        _ = EndAsync(scoring, stop);
        return found;
    }

    private async Task EndAsync(Task scoring, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await scoring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _running);
        stop.Dispose();
    }
}
