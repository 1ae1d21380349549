namespace Millrace.Inference.Tokenizers;

internal enum CharacterClass : byte
{
    Letter,
    Space,
    Symbol,
    Ideograph,
}

internal static class CharacterClasses
{
    private static readonly (int Low, int High, CharacterClass Class)[] Ranges =
    [
        (0x00, 0x20, CharacterClass.Space), (0x7F, 0xA0, CharacterClass.Space), (0x1680, 0x1680, CharacterClass.Space),
        (0x2000, 0x200A, CharacterClass.Space), (0x2028, 0x2029, CharacterClass.Space), (0x202F, 0x202F, CharacterClass.Space),
        (0x205F, 0x205F, CharacterClass.Space), (0x3000, 0x3000, CharacterClass.Space),
        ('!', '/', CharacterClass.Symbol), (':', '@', CharacterClass.Symbol), ('[', '`', CharacterClass.Symbol),
        ('{', '~', CharacterClass.Symbol), (0xA1, 0xBF, CharacterClass.Symbol), (0xD7, 0xD7, CharacterClass.Symbol),
        (0xF7, 0xF7, CharacterClass.Symbol), (0x2010, 0x2027, CharacterClass.Symbol), (0x2030, 0x205E, CharacterClass.Symbol),
        (0x20A0, 0x20CF, CharacterClass.Symbol), (0x2100, 0x2BFF, CharacterClass.Symbol), (0x2E00, 0x2E7F, CharacterClass.Symbol),
        (0x3001, 0x303F, CharacterClass.Symbol), (0xE000, 0xF8FF, CharacterClass.Symbol), (0xFE10, 0xFE1F, CharacterClass.Symbol),
        (0xFE30, 0xFE6F, CharacterClass.Symbol), (0xFF00, 0xFFEF, CharacterClass.Symbol),
        (0x3040, 0x30FF, CharacterClass.Ideograph), (0x3400, 0x4DBF, CharacterClass.Ideograph),
        (0x4E00, 0x9FFF, CharacterClass.Ideograph), (0xF900, 0xFAFF, CharacterClass.Ideograph),
    ];

    private static readonly CharacterClass[] Plane0 = BuildPlane0();

    /// <summary>The class of a folded code point.</summary>
    public static CharacterClass Of(int code) => code switch
    {
        < 0x10000 => Plane0[code],
        >= 0x1F000 and <= 0x1FAFF => CharacterClass.Symbol,
        >= 0x20000 and <= 0x3FFFF => CharacterClass.Ideograph,
        _ => CharacterClass.Letter,
    };

    public static bool IsAsciiLetter(int code) => (uint)((code | 0x20) - 'a') <= 'z' - 'a';

    public static bool IsAsciiDigit(int code) => (uint)(code - '0') <= 9;

    /// <summary>Whether the code point, between two letters, is taken for a masked letter (<c>f*ck</c>, <c>sh!t</c>).</summary>
    public static bool MasksALetter(int code) => code is '*' or '$' or '@' or '!';

    public static bool IsNameCharacter(int code) => IsAsciiLetter(code) || IsAsciiDigit(code) || code == '_';

    private static CharacterClass[] BuildPlane0()
    {
        var classes = new CharacterClass[0x10000];
        foreach (var (low, high, @class) in Ranges)
            Array.Fill(classes, @class, low, high - low + 1);
        return classes;
    }
}
