using System.Globalization;
using Millrace.Contracts;
using YamlDotNet.RepresentationModel;

namespace Millrace.Preprocessing.Rules;

/// <summary>One mapping of the rule file: every key is asked for once, and what nobody asked for is a problem.</summary>
internal sealed class RuleKeys
{
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly YamlMappingNode _mapping;
    private readonly RuleProblems _problems;

    public RuleKeys(YamlMappingNode mapping, RuleProblems problems)
    {
        _mapping = mapping;
        _problems = problems;
        foreach (var (key, value) in mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
                _values[name] = value;
            else
                problems.Add(key, "A key must be a plain word.");
        }
    }

    public string? Text(string key, bool required = false)
    {
        var node = Take(key, required);
        if (node is null or YamlScalarNode { Value: { Length: > 0 } })
            return (node as YamlScalarNode)?.Value;
        _problems.Add(node, $"'{key}' must be a word.");
        return null;
    }

    public YamlSequenceNode? List(string key, bool required = false)
    {
        var node = Take(key, required);
        if (node is null or YamlSequenceNode)
            return node as YamlSequenceNode;
        _problems.Add(node, $"'{key}' must be a list, such as [one, two].");
        return null;
    }

    public IReadOnlyList<string> Words(string key, bool required = false)
    {
        var words = new List<string>();
        foreach (var item in List(key, required) ?? [])
        {
            if (item is YamlScalarNode { Value: { Length: > 0 } word })
                words.Add(word);
            else
                _problems.Add(item, $"An item of '{key}' must be a word.");
        }
        return words;
    }

    public int Whole(string key, int otherwise, int least, int most) => (int)Number(key, otherwise, least, most, whole: true);

    public double Share(string key, double otherwise) => Number(key, otherwise, 0, 1, whole: false);

    public TimeSpan Span(string key, TimeSpan otherwise, TimeSpan most)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (Duration.TryParse(text, out var span) && span > TimeSpan.Zero && span <= most)
            return span;
        _problems.Add(_values[key], $"'{key}: {text}' is no duration up to {Duration.Format(most)}; write 30m, 24h or 7d.");
        return otherwise;
    }

    public RuleAction Action()
    {
        var text = Text("action");
        if (text is null or "drop" or "mark")
            return text == "mark" ? RuleAction.Mark : RuleAction.Drop;
        _problems.Add(_values["action"], $"'action: {text}' is unknown; it is drop or mark.");
        return RuleAction.Drop;
    }

    public void RefuseOthers()
    {
        foreach (var (key, value) in _mapping.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && !_known.Contains(name))
                _problems.Add(key, $"The key '{name}' is unknown; here are known: {string.Join(", ", _known)}.");
        }
    }

    private double Number(string key, double otherwise, double least, double most, bool whole)
    {
        if (Text(key) is not { } text)
            return otherwise;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most && (!whole || number == Math.Floor(number)))
            return number;
        _problems.Add(
            _values[key],
            FormattableString.Invariant($"'{key}: {text}' must be a {(whole ? "whole " : "")}number from {least} to {most}."));
        return otherwise;
    }

    private YamlNode? Take(string key, bool required)
    {
        _known.Add(key);
        if (_values.TryGetValue(key, out var node))
            return node;
        if (required)
            _problems.Add(_mapping, $"The key '{key}' is missing.");
        return null;
    }
}
