using System.Text;
using System.Text.RegularExpressions;

namespace Millrace.Inference.Tokenizers.Unigram;

/// <summary>What is done to text before it is split, in this order.</summary>
internal sealed class UnigramNormalizer(IReadOnlyList<UnigramNormalizer.Rule> rules)
{
    public bool IsEmpty => rules.Count == 0;

    public ReadOnlySpan<char> Apply(ReadOnlySpan<char> text)
    {
        foreach (var rule in rules)
            text = rule.Apply(text);
        return text;
    }

    internal abstract record Rule
    {
        public abstract ReadOnlySpan<char> Apply(ReadOnlySpan<char> text);
    }

    internal sealed record Precompiled(PrecompiledCharsmap Map) : Rule
    {
        public override ReadOnlySpan<char> Apply(ReadOnlySpan<char> text)
        {
            var result = new StringBuilder(text.Length);
            Map.Append(text, result);
            return result.ToString();
        }
    }

    internal sealed record Replace(Regex Pattern, string Content) : Rule
    {
        public override ReadOnlySpan<char> Apply(ReadOnlySpan<char> text) =>
            Pattern.IsMatch(text) ? Pattern.Replace(text.ToString(), Content.Replace("$", "$$", StringComparison.Ordinal)) : text;
    }

    internal sealed record Unicode(NormalizationForm Form) : Rule
    {
        public override ReadOnlySpan<char> Apply(ReadOnlySpan<char> text) => UnicodeText.Normalize(text, Form);
    }
}
