using System.Numerics.Tensors;
using Millrace.DriftMonitor.Statistics;

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

    private RandomFeatures? _features;
    private FeatureSums? _reference;
    private BlockPlan? _plan;

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
        (_features, _reference) = (null, null);
        return true;
    }

    private DriftTest Test(DateTimeOffset now)
    {
        state.SinceTest = 0;
        var current = state.Current.ToSamples();
        Prepare();
        var sums = FeatureSums.Of(_features!, current, _plan!.Second, _plan.RowsPerBlock);
        var result = FeatureMmdTest.Run(_reference!, sums, _features!.Bandwidth, options.Permutations, options.TestLevel, (int)state.Seen);
        var alarm = Decide(result.IsDrift(options.TestLevel));
        state.Driving = state.Drifting ? FindDriving(sums) : [];
        var test = new DriftTest(now, state.Seen, state.ReferenceVersion, result.Mmd2, result.Threshold, result.PValue, state.Drifting, alarm);
        if (alarm)
            state.PendingAlarms = [.. state.PendingAlarms.TakeLast(MaxPendingAlarms - 1), DriftAlarm.Of(state, test)];
        state.History.Add(test);
        if (state.History.Count > options.HistoryTests)
            state.History.RemoveAt(0);
        return test;
    }

    /// <summary>Features belong to a reference version: bandwidth and seed come from it alone, so that a restart finds the same ones.</summary>
    private void Prepare()
    {
        if (_features is not null)
            return;
        var reference = state.Reference.ToSamples();
        _features = new RandomFeatures(state.Dimensions, options.Frequencies, Bandwidth.Median(reference), state.ReferenceVersion);
        _plan = BlockPlan.For(reference.Count, state.Current.Count);
        _reference = FeatureSums.Of(_features, reference, _plan.First, _plan.RowsPerBlock);
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

    private List<DrivingPost> FindDriving(FeatureSums current)
    {
        var witness = new float[_features!.Length];
        TensorPrimitives.Subtract<float>(current.Mean(), _reference!.Mean(), witness);
        return [.. state.Current.Posts
            .Select(post => new DrivingPost(post.Post, TensorPrimitives.Dot<float>(_features.Of(post.Vector), witness)))
            .OrderByDescending(post => post.Witness)
            .Take(MaxDriving)];
    }
}
