
namespace Millrace.DriftMonitor.Detection;

/// <summary>
/// Watches the vectors, or one score, of one model revision: the first posts become the reference, the last ones are tested against it every so
/// many posts. It raises one alarm a change, not one a test. Not thread-safe: one caller at a time.
/// </summary>
public sealed class DriftDetector(DetectorState state, DriftOptions options)
{
    private const int MaxDriving = 20;

    /// <summary>There is at most one a window, so that a broker that takes none for so long is looked after for other reasons.</summary>
    private const int MaxPendingAlarms = 100;

    private ReferenceTest? _test;

    public DetectorState State => state;

    public static DetectorState NewState(string name, int dimensions, DriftOptions options) => new()
    {
        Name = name,
        Dimensions = dimensions,
        Reference = new PostWindow(options.ReferencePosts),
        Current = new PostWindow(options.WindowPosts),
    };

    /// <returns>The test that the post completed, or null.</returns>
    /// <exception cref="ArgumentException">The vector has another length than those before.</exception>
    public DriftTest? Observe(string post, float[] vector, DateTimeOffset now)
    {
        if (vector.Length != state.Dimensions)
            throw new ArgumentException($"{state.Name} has {state.Dimensions} dimensions, not {vector.Length}.", nameof(vector));
        state.Seen++;
        if (!state.Reference.IsFull)
        {
            state.Reference.Add(new WatchedPost(state.Seen, post, vector));
            return null;
        }
        state.Current.Add(new WatchedPost(state.Seen, post, vector));
        if (++state.SinceTest < options.TestEveryPosts || !state.Current.IsFull)
            return null;
        return Test(now);
    }

    /// <summary>The current window becomes the reference: what has changed is the new normal.</summary>
    public bool AdoptCurrent()
    {
        if (!state.Current.IsFull)
            return false;
        state.Reference = state.Current.Copy(state.Current.Capacity);
        state.Current = new PostWindow(options.WindowPosts);
        state.ReferenceVersion++;
        (state.Drifting, state.QuietTests, state.SinceTest, state.Driving) = (false, 0, 0, []);
        _test = null;
        return true;
    }

    private DriftTest Test(DateTimeOffset now)
    {
        state.SinceTest = 0;
        _test ??= new ReferenceTest(state.Reference, state.ReferenceVersion, state.Current.Count, options);
        var result = _test.Run(state.Current, (int)state.Seen);
        var alarm = Decide(result.IsDrift(options.TestLevel));
        state.Driving = state.Drifting ? _test.Driving(state.Current, MaxDriving) : [];
        var test = new DriftTest(
            now, state.Seen, state.ReferenceVersion, result.Mmd2, result.Threshold, result.PValue, state.Drifting, alarm, result.Method);
        if (alarm)
            state.PendingAlarms = [.. state.PendingAlarms.TakeLast(MaxPendingAlarms - 1), DriftAlarm.Of(state, test)];
        state.History.Add(test);
        if (state.History.Count > options.HistoryTests)
            state.History.RemoveAt(0);
        return test;
    }

    private bool Decide(bool significant)
    {
        if (significant)
        {
            var alarm = !state.Drifting;
            (state.Drifting, state.QuietTests) = (true, 0);
            return alarm;
        }
        state.QuietTests++;
        if (state.QuietTests * options.TestEveryPosts >= options.WindowPosts)
            state.Drifting = false;
        return false;
    }
}
