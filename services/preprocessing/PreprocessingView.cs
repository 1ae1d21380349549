using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>What preprocessing shows of itself.</summary>
/// <param name="RememberedPosts">Posts that a new one is compared with.</param>
public sealed record PreprocessingView(RuleSetReference RuleSet, IReadOnlyList<string> Rules, int RememberedPosts);
