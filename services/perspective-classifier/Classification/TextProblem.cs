using System.Globalization;
using System.Text;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Why a text cannot be scored; Perspective's own codes where it has one.</summary>
internal static class TextProblem
{
    public static PostClassification.Unlabelled? Find(string text, int maxTextBytes)
    {
        if (text.Length > maxTextBytes || Encoding.UTF8.GetByteCount(text) > maxTextBytes)
        {
            var bytes = Encoding.UTF8.GetByteCount(text);
            return new("COMMENT_TOO_LONG", $"Comment text was too many bytes. Value ({bytes}) exceeded limit ({maxTextBytes}).");
        }
        var visible = false;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\0')
                return new("INVALID_CHARACTER", "The text holds a NUL character.");
            if (Rune.TryGetRuneAt(text, at, out var rune) is false)
                return new("INVALID_UTF16", "The text holds half a character (an unpaired surrogate).");
            at += rune.Utf16SequenceLength - 1;
            visible |= IsVisible(rune);
        }
        if (visible)
            return null;
        return text.Length == 0
            ? new("COMMENT_EMPTY", "Comment must be non-empty.")
            : new("COMMENT_EMPTY", "The text holds only spaces, marks of direction or other invisible characters.");
    }

    private static bool IsVisible(Rune rune) =>
        !Rune.IsWhiteSpace(rune)
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned);
}
