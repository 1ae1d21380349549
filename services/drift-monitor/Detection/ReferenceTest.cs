using System.Numerics.Tensors;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Detection;

/// <summary>
/// Tests current windows against one reference: over every pair while both are small enough for it, else by random features. Bandwidth and features
/// come from the reference and its version alone, so that statistics over time can be compared and a restart finds the same ones.
/// </summary>
internal sealed class ReferenceTest
{
    private readonly Samples _reference;
    private readonly DriftOptions _options;
    private readonly RandomFeatures _features;
    private readonly BlockPlan _plan;
    private readonly FeatureSums _sums;

    public ReferenceTest(PostWindow reference, int version, int currentPosts, DriftOptions options)
    {
        _reference = reference.ToSamples();
        _options = options;
        _features = new RandomFeatures(_reference.Dimensions, options.Frequencies, Bandwidth.Median(_reference), version);
        _plan = BlockPlan.For(_reference.Count, currentPosts);
        _sums = FeatureSums.Of(_features, _reference, _plan.First, _plan.RowsPerBlock);
    }

    /// <param name="current">As many posts as the constructor was told.</param>
    public MmdResult Run(PostWindow current, int seed)
    {
        var samples = current.ToSamples();
        return _reference.Count + samples.Count <= _options.ExactUpToPosts
            ? ExactMmdTest.Run(_reference, samples, _features.Bandwidth, _options.Permutations, _options.TestLevel, seed)
            : FeatureMmdTest.Run(_sums, Sum(samples), _features.Bandwidth, _options.Permutations, _options.TestLevel, seed);
    }

    /// <summary>The posts that stand furthest on the side of the current window, by the witness function in random features.</summary>
    public IReadOnlyList<DrivingPost> Driving(PostWindow current, int most)
    {
        var witness = new float[_features.Length];
        TensorPrimitives.Subtract<float>(Sum(current.ToSamples()).Mean(), _sums.Mean(), witness);
        return
        [
            .. current.Posts
                .Select(post => new DrivingPost(post.Post, TensorPrimitives.Dot<float>(_features.Of(post.Vector), witness)))
                .OrderByDescending(post => post.Witness)
                .Take(most),
        ];
    }

    private FeatureSums Sum(Samples current) => FeatureSums.Of(_features, current, _plan.Second, _plan.RowsPerBlock);
}
