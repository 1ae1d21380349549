namespace Millrace.WorkflowManager.Definitions.Yaml;

/// <summary>A piece of YAML with the place where it stands, both counted from 1.</summary>
internal abstract record YamlNode(int Line, int Column);

/// <param name="IsPlain">Written without quotes, so it may be a number, a truth value or null.</param>
internal sealed record YamlScalar(int Line, int Column, string Text, bool IsPlain) : YamlNode(Line, Column)
{
    public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

internal sealed record YamlList(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column);

internal sealed record YamlMap(int Line, int Column, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line, Column);

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
