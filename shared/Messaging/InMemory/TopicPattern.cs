namespace Millrace.Messaging.InMemory;

/// <summary>AMQP's topic patterns: words between dots, <c>*</c> for one word, <c>#</c> for any number of them.</summary>
internal sealed class TopicPattern(string pattern)
{
    private readonly string[] _words = pattern.Split('.');

    public bool Matches(string routingKey) => Matches(_words, routingKey.Split('.'));

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> key)
    {
        while (!pattern.IsEmpty && pattern[0] != "#")
        {
            if (key.IsEmpty || (pattern[0] != "*" && pattern[0] != key[0]))
                return false;
            pattern = pattern[1..];
            key = key[1..];
        }
        if (pattern.IsEmpty)
            return key.IsEmpty || (key.Length == 1 && key[0].Length == 0);
        for (var skipped = 0; skipped <= key.Length; skipped++)
        {
            if (Matches(pattern[1..], key[skipped..]))
                return true;
        }
        return false;
    }
}
