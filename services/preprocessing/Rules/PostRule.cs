using Millrace.Language;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Posts;
using Millrace.Preprocessing.Text;

namespace Millrace.Preprocessing.Rules;

/// <summary>A rule as the YAML states it: it judges what is already known of a post.</summary>
internal abstract record PostRule(string Name, RuleAction Action)
{
    public RuleVerdict Judge(PostFacts facts)
    {
        var (passed, reason) = Decide(facts);
        return new RuleVerdict(Name, passed, reason, Action);
    }

    protected abstract (bool Passed, string Reason) Decide(PostFacts facts);
}

/// <summary>All that rules go by.</summary>
/// <param name="Text">Normalised.</param>
/// <param name="Prose">The text without links and mentions.</param>
internal sealed record PostFacts(
    Post Post, string Text, string Prose, IdentifiedLanguage Language, TextEntities Entities, DuplicateVerdict Duplicate);
