using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>Reads JSON strings, those too that hold half a character, which JSON can write and .NET refuses to read.</summary>
internal static class JsonText
{
    private const char Replacement = '\uFFFD';

    public static string Read(JsonElement element, out int unpairedSurrogates)
    {
        unpairedSurrogates = 0;
        var raw = element.GetRawText();
        if (!raw.Contains("\\u", StringComparison.Ordinal))
            return element.GetString()!;
        var text = Unescape(raw.AsSpan(1, raw.Length - 2));
        unpairedSurrogates = ReplaceUnpaired(text);
        return text.ToString();
    }

    private static StringBuilder Unescape(ReadOnlySpan<char> raw)
    {
        var text = new StringBuilder(raw.Length);
        while (raw.IndexOf('\\') is >= 0 and var at)
        {
            text.Append(raw[..at]);
            var code = raw[at + 1];
            if (code == 'u')
            {
                text.Append((char)ushort.Parse(raw.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                raw = raw[(at + 6)..];
                continue;
            }
            text.Append(code switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => code });
            raw = raw[(at + 2)..];
        }
        return text.Append(raw);
    }

    private static int ReplaceUnpaired(StringBuilder text)
    {
        var chars = new char[text.Length];
        text.CopyTo(0, chars, text.Length);
        var replaced = 0;
        for (var at = 0; at < chars.Length; at++)
        {
            if (!char.IsSurrogate(chars[at]))
                continue;
            if (char.IsHighSurrogate(chars[at]) && at + 1 < chars.Length && char.IsLowSurrogate(chars[at + 1]))
            {
                at++;
                continue;
            }
            chars[at] = Replacement;
            replaced++;
        }
        if (replaced > 0)
            text.Clear().Append(chars);
        return replaced;
    }
}
