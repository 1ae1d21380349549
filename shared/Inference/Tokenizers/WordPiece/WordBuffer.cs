namespace Millrace.Inference.Tokenizers.WordPiece;

/// <summary>Gathers one word. Of a word longer than any that can be known only the number of its code points matters.</summary>
internal ref struct WordBuffer(Span<char> symbols)
{
    private readonly Span<char> _symbols = symbols;
    private int _length;

    /// <summary>Code points seen since the last <see cref="Clear"/>.</summary>
    public int Runes { get; private set; }

    public readonly ReadOnlySpan<char> Written => _symbols[.._length];

    public static int Capacity(int maxRunes) => 2 * (maxRunes + 1);

    public void Append(char symbol)
    {
        if (!char.IsLowSurrogate(symbol))
            Runes++;
        if (_length < _symbols.Length)
            _symbols[_length++] = symbol;
    }

    public void Clear()
    {
        _length = 0;
        Runes = 0;
    }
}
