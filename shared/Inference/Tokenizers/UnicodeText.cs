using System.Text;

namespace Millrace.Inference.Tokenizers;

/// <summary>Unicode as the published tokenizers read it, where .NET does otherwise.</summary>
internal static class UnicodeText
{
    /// <summary>A noncharacter that .NET will not normalise, though it normalises to itself.</summary>
    private const char Refused = '\uFFFE';

    /// <summary>Full lower-case mapping without context: the one code point that becomes two is the dotted capital I.</summary>
    public static string Lower(Rune rune) => rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString();

    /// <summary>Normalises text that may hold lone surrogates, which read as U+FFFD.</summary>
    public static string Normalize(ReadOnlySpan<char> text, NormalizationForm form)
    {
        var whole = text.ToString();
        if (HasLoneSurrogate(whole))
            whole = string.Concat(whole.EnumerateRunes());
        return whole.Contains(Refused) ? string.Join(Refused, whole.Split(Refused).Select(part => part.Normalize(form))) : whole.Normalize(form);
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var next = text.IndexOfAnyInRange('\ud800', '\udfff');
            if (next < 0)
                return false;
            if (Rune.DecodeFromUtf16(text[next..], out _, out var used) != System.Buffers.OperationStatus.Done)
                return true;
            text = text[(next + used)..];
        }
        return false;
    }
}
