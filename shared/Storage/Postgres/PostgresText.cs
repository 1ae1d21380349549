using Millrace.Storage.Packing;

namespace Millrace.Storage.Postgres;

/// <summary>
/// PostgreSQL's text holds every character but U+0000. That one is written as U+001A '0' and U+001A itself as U+001A '1'.
/// </summary>
internal static class PostgresText
{
    private const char Escape = '\u001A';

    public static string Encode(string text)
    {
        text = WellFormedText.From(text);
        return text.AsSpan().IndexOfAny('\0', Escape) < 0
            ? text
            : text.Replace("\u001A", "\u001A1", StringComparison.Ordinal).Replace("\0", "\u001A0", StringComparison.Ordinal);
    }

    public static string? EncodeNullable(string? text) => text is null ? null : Encode(text);

    public static string Decode(string text) => !text.Contains(Escape, StringComparison.Ordinal)
        ? text
        : text.Replace("\u001A0", "\0", StringComparison.Ordinal).Replace("\u001A1", "\u001A", StringComparison.Ordinal);
}
