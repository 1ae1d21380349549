namespace Millrace.Inference.Tokenizers.BytePair;

/// <summary>GPT-2's way to write any byte as one visible character: printable Latin-1 stands for itself, the rest from U+0100 on.</summary>
internal static class ByteAlphabet
{
    public static char[] Symbols { get; } = Create();

    private static char[] Create()
    {
        var symbols = new char[256];
        var next = '\u0100';
        for (var value = 0; value < symbols.Length; value++)
            symbols[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        return symbols;
    }
}
