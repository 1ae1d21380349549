using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Shadow;
using Millrace.PerspectiveClassifier.Tests.Classification;

namespace Millrace.PerspectiveClassifier.Tests.Shadow;

public sealed class SecondaryScoresTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly IReadOnlyList<PostToClassify> Posts = [new("a", "hello")];

    private readonly ManualClock _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scores_that_are_there_in_time_stand_beside()
    {
        var counting = new TaskCompletionSource();
        var scores = new SecondaryScores(new StaticClassifier(StaticClassifier.Labelled), Patience, 1, _clock);

        var beside = scores.BesideAsync(Posts, counting.Task, Cancel);
        // However long the scores that count take.
        _clock.Advance(TimeSpan.FromHours(1));
        counting.SetResult();

        Assert.Equal(StaticClassifier.Labelled, Assert.Single((await beside)!));
    }

    [Fact]
    public async Task A_secondary_that_hangs_holds_up_nothing_for_longer_than_may_be_waited()
    {
        var scores = new SecondaryScores(new HungClassifier(), Patience, 10, _clock);

        var beside = scores.BesideAsync(Posts, Task.CompletedTask, Cancel);
        _clock.Advance(Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(beside.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Null(await beside);
    }

    [Fact]
    public async Task What_was_given_up_takes_its_place_until_it_ends()
    {
        var hung = new HungClassifier();
        var scores = new SecondaryScores(hung, Patience, 2, _clock);
        Task<IReadOnlyList<PostClassification>?>[] late = [.. Enumerable.Range(0, 2).Select(_ => scores.BesideAsync(Posts, Task.CompletedTask, Cancel))];
        _clock.Advance(Patience);
        await Task.WhenAll(late);

        // No place: answered at once, though the clock stands.
        Assert.Null(await scores.BesideAsync(Posts, Task.CompletedTask, Cancel));
        Assert.Equal(2, scores.Running);
        hung.Release();
        await Until(() => scores.Running == 0);
        Assert.NotNull(await scores.BesideAsync(Posts, Task.CompletedTask, Cancel));
    }

    [Fact]
    public async Task A_secondary_that_fails_is_only_a_miss()
    {
        var scores = new SecondaryScores(new HungClassifier(new InvalidOperationException()), Patience, 1, _clock);

        Assert.Null(await scores.BesideAsync(Posts, Task.CompletedTask, Cancel));
    }

    private static async Task Until(Func<bool> holds)
    {
        while (!holds())
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Heeds nobody who gives it up.</summary>
    private sealed class HungClassifier(Exception? thrown = null) : IPostClassifier
    {
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _released.SetResult();

        public ClassifierDescription Describe() => new("hung", "1", []);

        public async Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken)
        {
            if (thrown is not null)
                throw thrown;
            await _released.Task;
            return [.. posts.Select(_ => StaticClassifier.Labelled)];
        }
    }
}
