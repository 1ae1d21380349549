using System.Globalization;
using System.Text;

namespace Millrace.Inference.Tokenizers;

/// <summary>
/// Folds code points by the table that the Python side reads too, never by the runtime's own Unicode data: ids must not
/// depend on the version of .NET or ICU.
/// </summary>
internal static class CharacterFolding
{
    private const int Dropped = -1;

    private static readonly int[] Plane0 = new int[0x10000];
    private static readonly Dictionary<int, int> Astral = [];

    static CharacterFolding()
    {
        for (int code = 0; code < Plane0.Length; code++)
            Plane0[code] = code;
        using var table = typeof(CharacterFolding).Assembly.GetManifestResourceStream("folding.txt")!;
        using var lines = new StreamReader(table, Encoding.ASCII);
        while (lines.ReadLine() is { } line)
            Add(line.Split(' '));
    }

    /// <summary>Writes the folded code points of <paramref name="text"/>; <paramref name="codes"/> is at least as long. Returns how many.</summary>
    public static int Fold(ReadOnlySpan<char> text, Span<int> codes)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int code = text[i];
            if (code >= 0x80)
            {
                if (char.IsSurrogate((char)code))
                    code = Join(text, ref i);
                code = code < Plane0.Length ? Plane0[code] : Astral.GetValueOrDefault(code, code);
                if (code == Dropped)
                    continue;
            }

            codes[count++] = code;
        }

        return count;
    }

    private static int Join(ReadOnlySpan<char> text, ref int i)
    {
        if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            return char.ConvertToUtf32(text[i], text[++i]);
        return Rune.ReplacementChar.Value;
    }

    private static void Add(string[] line)
    {
        int start = Hexadecimal(line[0]);
        for (int offset = 0; offset < Hexadecimal(line[1]); offset++)
        {
            int target = line[2] == "-" ? Dropped : Hexadecimal(line[2]) + offset;
            if (start + offset < Plane0.Length)
                Plane0[start + offset] = target;
            else
                Astral[start + offset] = target;
        }
    }

    private static int Hexadecimal(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
