using System.Globalization;
using System.Text;

namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>
/// General categories as the published BERT tokenizers know them: those of Unicode 8. Marks, signs and controls that came later are
/// plain letters to them, and models were trained so.
/// </summary>
internal static class BertUnicode
{
    /// <summary>What .NET's newer tables would drop, strip or cut at.</summary>
    private const string Later = """
        61D 7FD 890-891 897-89F 8CA-8E2 9FD-9FE A76 AFA-AFF B55 C04 C3C C77 C84 D00 D3B-D3C D81 EBA ECE 180F 1885-1886
        1ABF-1ACE 1B4E-1B4F 1B7D-1B7F 1DF6-1DFB 2E43-2E4F 2E52-2E5D A82C A8C5 A8FF A9BD 10D24-10D27 10D69-10D6E 10EAB-10EAD
        10EFC-10EFF 10F46-10F50 10F55-10F59 10F82-10F89 11070 11073-11074 110C2 110CD 111C9 111CF 1123E 11241 1133B
        113BB-113C0 113CE 113D0 113D2 113D4-113D5 113D7-113D8 113E1-113E2 11438-1143F 11442-11444 11446 1144B-1144F
        1145A-1145B 1145D-1145E 11660-1166C 116B9 1171E 1182F-11837 11839-1183B 1193B-1193C 1193E 11943-11946 119D4-119D7
        119DA-119DB 119E0 119E2 11A01-11A0A 11A33-11A38 11A3B-11A47 11A51-11A56 11A59-11A5B 11A8A-11A96 11A98-11A9C
        11A9E-11AA2 11B00-11B09 11BE1 11C30-11C36 11C38-11C3D 11C3F 11C41-11C45 11C70-11C71 11C92-11CA7 11CAA-11CB0
        11CB2-11CB3 11CB5-11CB6 11D31-11D36 11D3A 11D3C-11D3D 11D3F-11D45 11D47 11D90-11D91 11D95 11D97 11EF3-11EF4
        11EF7-11EF8 11F00-11F01 11F36-11F3A 11F40 11F42-11F4F 11F5A 11FFF 12FF1-12FF2 13430-13440 13447-13455 1611E-16129
        1612D-1612F 16D6D-16D6F 16E97-16E9A 16F4F 16FE2 16FE4 1CF00-1CF2D 1CF30-1CF46 1E000-1E006 1E008-1E018 1E01B-1E021
        1E023-1E024 1E026-1E02A 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E5FF 1E944-1E94A 1E95E-1E95F
        """;

    private static readonly HashSet<int> LaterRunes = Parse(Later);

    public static UnicodeCategory Category(Rune rune) => rune.Value switch
    {
        0x166D or 0x111C9 => UnicodeCategory.OtherPunctuation,
        0x1734 or 0x1171E => UnicodeCategory.NonSpacingMark,
        var value => LaterRunes.Contains(value) ? UnicodeCategory.OtherLetter : Rune.GetUnicodeCategory(rune),
    };

    private static HashSet<int> Parse(string ranges)
    {
        var runes = new HashSet<int>();
        foreach (var range in ranges.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = range.Split('-');
            for (var value = Hex(ends[0]); value <= Hex(ends[^1]); value++)
                runes.Add(value);
        }
        return runes;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
