using System.Globalization;
using System.Text;

namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>What BERT's pre-tokenizer makes words of their own: all of ASCII that is not a letter, digit or space, and Unicode's P categories.</summary>
internal static class BertPunctuation
{
    public static bool Contains(Rune rune) => rune.IsAscii
        ? rune.Value is (>= 33 and <= 47) or (>= 58 and <= 64) or (>= 91 and <= 96) or (>= 123 and <= 126)
        : BertUnicode.Category(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation;
}
