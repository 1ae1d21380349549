using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Millrace.Preprocessing.Rules;

/// <summary>Everything that is wrong with one rule file, each with its place.</summary>
internal sealed class RuleProblems(string source)
{
    private readonly List<string> _found = [];

    public IReadOnlyList<string> Found => _found;

    public void Add(YamlNode node, string problem) => Add(node.Start, problem);

    public void Add(Mark place, string problem) => _found.Add(FormattableString.Invariant($"{source}:{place.Line}:{place.Column}: {problem}"));
}
