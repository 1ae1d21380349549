using System.Globalization;
using System.Text;

namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>
/// What the normaliser and the pre-tokenizer make of one code point: the characters it becomes, with a space wherever a word ends.
/// Nothing in BERT's normaliser looks at two code points at once, but for the order of combining marks (see <see cref="NeedsOrder"/>).
/// </summary>
internal sealed class RuneTable(BertNormalizerOptions options)
{
    private const int PageBits = 8;
    private readonly string?[]?[] _pages = new string?[]?[(0x10FFFF >> PageBits) + 1];

    /// <summary>Filled as code points are met; two threads that meet one at the same time compute the same.</summary>
    public string this[Rune rune]
    {
        get
        {
            var page = _pages[rune.Value >> PageBits] ??= new string?[1 << PageBits];
            return page[rune.Value & ((1 << PageBits) - 1)] ??= Make(rune);
        }
    }

    /// <summary>
    /// Marks that stay when accents go and yet take part in canonical ordering. A text that has one is decomposed as a whole.
    /// </summary>
    public static bool NeedsOrder(Rune rune) => rune.Value
        is 0x302E or 0x302F or 0x16FF0 or 0x16FF1 or 0x1D165 or 0x1D166 or (>= 0x1D16D and <= 0x1D172);

    private string Make(Rune rune)
    {
        if (options.CleanText && IsDropped(rune))
            return "";
        if (options.CleanText && IsSpace(rune))
            return " ";
        var text = new StringBuilder();
        foreach (var part in Decompose(rune))
        {
            if (options.StripsAccents && BertUnicode.Category(part) == UnicodeCategory.NonSpacingMark)
                continue;
            foreach (var lower in (options.Lowercase ? UnicodeText.Lower(part) : part.ToString()).EnumerateRunes())
                text.Append(Rune.IsWhiteSpace(lower) ? " " : BertPunctuation.Contains(lower) ? $" {lower} " : lower.ToString());
        }
        return options.IsolateCjk && IsCjk(rune.Value) ? $" {text} " : text.ToString();
    }

    private StringRuneEnumerator Decompose(Rune rune) =>
        (options.StripsAccents ? UnicodeText.Normalize(rune.ToString(), NormalizationForm.FormD) : rune.ToString()).EnumerateRunes();

    private static bool IsSpace(Rune rune) => rune.Value is '\t' or '\n' or '\r' || Rune.IsWhiteSpace(rune);

    private static bool IsDropped(Rune rune) => rune.Value switch
    {
        '\t' or '\n' or '\r' => false,
        0 or 0xFFFD => true,
        _ => BertUnicode.Category(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse,
    };

    private static bool IsCjk(int code) => code
        is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
