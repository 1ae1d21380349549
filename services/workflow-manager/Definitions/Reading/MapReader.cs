using System.Globalization;
using System.Text.RegularExpressions;
using Millrace.Contracts;
using Millrace.WorkflowManager.Definitions.Yaml;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Reads the keys of one map; what is unknown, twice there, missing or of a wrong kind becomes a problem.</summary>
internal sealed partial class MapReader
{
    private const int MaxNameLength = 100;
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(3650);

    private readonly Dictionary<string, YamlEntry> _entries = [];
    private readonly ProblemList _problems;
    private readonly string _what;

    /// <param name="what">Such as <c>a step</c>, for messages.</param>
    public MapReader(YamlNode node, string what, IReadOnlyCollection<string> known, ProblemList problems)
    {
        (Node, _what, _problems) = (node, what, problems);
        if (node is not YamlMap map)
        {
            problems.Error(node, $"{what} must be a map with the keys {string.Join(", ", known)}");
            return;
        }
        IsMap = true;
        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Key.Text))
                problems.Error(entry.Key, $"{what} has no key '{entry.Key.Text}'{Suggestions.For(entry.Key.Text, known)}");
            else if (!_entries.TryAdd(entry.Key.Text, entry))
                problems.Error(entry.Key, $"'{entry.Key.Text}' is here for the second time");
        }
    }

    public YamlNode Node { get; }

    public bool IsMap { get; }

    /// <summary>Null if the key is absent or its value null.</summary>
    public YamlNode? Find(string key) =>
        _entries.TryGetValue(key, out var entry) && entry.Value is not YamlScalar { IsNull: true } ? entry.Value : null;

    public YamlNode KeyOf(string key) => _entries.TryGetValue(key, out var entry) ? entry.Key : Node;

    /// <summary>A name that queues, ids and URLs can carry.</summary>
    public string? Name(string key, bool isRequired)
    {
        var name = Text(key, isRequired);
        if (name is null)
            return null;
        if (NamePattern().IsMatch(name) && name.Length <= MaxNameLength)
            return name;
        _problems.Error(
            Find(key)!, $"'{name}' cannot be a {key}: a letter, then letters, digits, _ and -, at most {MaxNameLength} characters");
        return null;
    }

    public string? Text(string key, bool isRequired = false)
    {
        var node = Find(key);
        if (node is null)
        {
            if (isRequired && IsMap)
                _problems.Error(KeyOf(key), $"{_what} needs a '{key}'");
            return null;
        }
        if (node is YamlScalar { Text.Length: > 0 } scalar)
            return scalar.Text;
        _problems.Error(node, $"'{key}' must be text");
        return null;
    }

    public int? Number(string key, int min, int max, bool isRequired = false)
    {
        if (Text(key, isRequired) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        _problems.Error(Find(key)!, $"'{key}' must be a whole number from {min} to {max}, not '{text}'");
        return null;
    }

    /// <returns>The index of the name that was written.</returns>
    public int? Choice(string key, string[] names)
    {
        if (Text(key) is not { } text)
            return null;
        var index = Array.IndexOf(names, text);
        if (index < 0)
            _problems.Error(Find(key)!, $"'{text}' is no {key}{Suggestions.For(text, names)}");
        return index < 0 ? null : index;
    }

    public TimeSpan? Length(string key, bool isRequired = false)
    {
        if (Text(key, isRequired) is not { } text)
            return null;
        if (Duration.TryParse(text, out var length) && length > TimeSpan.Zero && length <= MaxDuration)
            return length;
        var hint = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? $"; did you mean '{text}s'?" : "";
        _problems.Error(Find(key)!, $"'{text}' is no duration for '{key}': write such as 500ms, 30s, 5m, 1h30m, 30d, at most 3650d{hint}");
        return null;
    }

    /// <summary>A list of texts, or one text alone.</summary>
    public IReadOnlyList<YamlScalar> Texts(string key)
    {
        var texts = new List<YamlScalar>();
        foreach (var item in Find(key) is { } node ? node is YamlList list ? list.Items : [node] : [])
        {
            if (item is YamlScalar { Text.Length: > 0 } scalar)
                texts.Add(scalar);
            else
                _problems.Error(item, $"'{key}' must be a list of texts");
        }
        return texts;
    }

    /// <summary>A list of maps.</summary>
    public IReadOnlyList<YamlNode> Items(string key, int max, bool isRequired)
    {
        var node = Find(key);
        if (node is YamlList { Items.Count: > 0 } list && list.Items.Count <= max)
            return list.Items;
        if (node is null && !isRequired)
            return [];
        if (IsMap)
            _problems.Error(node ?? KeyOf(key), node is YamlList { Items.Count: > 0 } ? $"'{key}' holds more than {max} items" : $"{_what} needs '{key}', a list with at least one item");
        return [];
    }

    [GeneratedRegex(@"\A[a-zA-Z][a-zA-Z0-9_\-]*\z")]
    private static partial Regex NamePattern();
}
