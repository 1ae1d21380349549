using System.Globalization;

namespace Millrace.Storage.Packing;

/// <summary>The place after the last item of a page: its time of creation and, among equals, its tie.</summary>
/// <param name="Micros">Microseconds since 1970.</param>
/// <param name="Tie">The adapter's second sort key.</param>
internal readonly record struct PageCursor(long Micros, UInt128 Tie)
{
    /// <param name="adapter">One letter, so that another adapter's cursor is refused.</param>
    public string Format(char adapter) => string.Create(CultureInfo.InvariantCulture, $"{adapter}{Micros:x}-{Tie:x}");

    public static PageCursor Parse(char adapter, string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash > 1 && text[0] == adapter
            && long.TryParse(text.AsSpan(1, dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var micros)
            && UInt128.TryParse(text.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var tie))
            return new PageCursor(micros, tie);
        throw new ArgumentException("The cursor was not made by this store.", nameof(text));
    }
}
