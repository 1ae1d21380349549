using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Tests.Classification;

/// <summary>A provider with one answer for everything.</summary>
internal sealed class StaticClassifier(PostClassification answer) : IPostClassifier
{
    public static PostClassification Labelled { get; } = new PostClassification.Labelled(
        new Dictionary<string, double> { ["TOXICITY"] = 0.25, ["REASONING_EXPERIMENTAL"] = 0.5 },
        new Dictionary<string, string> { ["SPAM"] = "no model" });

    public List<PostToClassify> Seen { get; } = [];

    public ClassifierDescription Describe() => new("static", "1", ["TOXICITY"]);

    public Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken)
    {
        Seen.AddRange(posts);
        return Task.FromResult<IReadOnlyList<PostClassification>>([.. posts.Select(_ => answer)]);
    }
}
