using static Millrace.Inference.Tokenizers.CharacterClasses;

namespace Millrace.Inference.Tokenizers;

/// <summary>Brings one word into the form whose n-grams are hashed.</summary>
internal static class WordShape
{
    /// <summary>Code points of a word that count; what follows is ignored.</summary>
    public const int MaxCodePoints = 64;

    public static bool IsInCapitals(ReadOnlySpan<int> raw)
    {
        int capitals = 0;
        foreach (int code in raw)
        {
            if ((uint)(code - 'a') <= 'z' - 'a')
                return false;
            if ((uint)(code - 'A') <= 'Z' - 'A')
                capitals++;
        }

        return capitals >= 2;
    }

    /// <summary>Writes the shaped word and returns its length, at most <paramref name="raw"/>'s.</summary>
    public static int Write(ReadOnlySpan<int> raw, bool deobfuscate, bool foldNumbers, Span<int> word)
    {
        int length = Lower(raw, word);
        var shaped = word[..length];
        if (!shaped.ContainsAnyExceptInRange('0', '9'))
        {
            if (!foldNumbers)
                return length;
            shaped.Fill('0');
        }
        else if (deobfuscate)
        {
            Deobfuscate(shaped);
        }

        return CollapseRuns(shaped);
    }

    private static int Lower(ReadOnlySpan<int> raw, Span<int> word)
    {
        int length = 0;
        foreach (int code in raw)
        {
            if (code != '\'')
                word[length++] = (uint)(code - 'A') <= 'Z' - 'A' ? code | 0x20 : code;
        }

        return length;
    }

    private static void Deobfuscate(Span<int> word)
    {
        int first = 0;
        int last = word.Length - 1;
        while (first < last && !IsAsciiLetter(word[first]))
            first++;
        while (last > first && !IsAsciiLetter(word[last]))
            last--;
        for (int i = first + 1; i < last; i++)
        {
            word[i] = word[i] switch
            {
                '@' or '4' => 'a',
                '$' or '5' => 's',
                '!' or '1' => 'i',
                '0' => 'o',
                '3' => 'e',
                '7' => 't',
                var plain => plain,
            };
        }
    }

    private static int CollapseRuns(Span<int> word)
    {
        int length = 0;
        foreach (int code in word)
        {
            if (length < 2 || word[length - 1] != code || word[length - 2] != code)
                word[length++] = code;
        }

        return length;
    }
}
