using System.Text;

namespace Millrace.Storage.Packing;

/// <summary>UTF-8 can't hold lone surrogates: every adapter stores U+FFFD in their place.</summary>
internal static class WellFormedText
{
    public static string From(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0
        ? text
        : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
