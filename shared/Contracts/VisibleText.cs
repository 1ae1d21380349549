using System.Buffers;

namespace Millrace.Contracts;

/// <summary>Text of strangers for a line of a log or a cell on a terminal: nothing in it ends the line, moves the cursor or turns its direction.</summary>
public static class VisibleText
{
    private const char ControlPictures = '\u2400';
    private const char DeletePicture = '\u2421';
    private const char Unknown = '\uFFFD';

    private static readonly SearchValues<char> Invisible = SearchValues.Create(
    [
        .. Range('\0', '\u001F'), .. Range('\u007F', '\u009F'), .. Range('\u2028', '\u202E'), .. Range('\u2066', '\u2069'),
    ]);

    /// <returns>The same string if it has no such character; else each is shown by its picture (a newline as <c>␊</c>), or as <c>�</c> where there is none.</returns>
    public static string Of(string text)
    {
        var first = text.AsSpan().IndexOfAny(Invisible);
        return first < 0 ? text : string.Create(text.Length, text, static (visible, text) =>
        {
            for (var index = 0; index < text.Length; index++)
                visible[index] = Invisible.Contains(text[index]) ? Show(text[index]) : text[index];
        });
    }

    private static char Show(char invisible) => invisible switch
    {
        < ' ' => (char)(ControlPictures + invisible),
        '\u007F' => DeletePicture,
        _ => Unknown,
    };

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
