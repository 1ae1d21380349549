using System.Text;

namespace Millrace.Language;

/// <summary>How many letters of a text are in which script.</summary>
internal sealed class ScriptCount
{
    private readonly Dictionary<string, int> _letters = [];

    public int Total { get; private set; }

    public string Main => _letters.MaxBy(pair => pair.Value).Key;

    public static ScriptCount Of(string text, int maxLetters)
    {
        var count = new ScriptCount();
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Rune.IsLetter(rune) || Scripts.Of(rune.Value) is not { } script)
                continue;
            count._letters[script] = count._letters.GetValueOrDefault(script) + 1;
            if (++count.Total >= maxLetters)
                break;
        }
        return count;
    }

    public double Share(string script) => (double)_letters.GetValueOrDefault(script) / Total;
}
