using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// What is asked of one post: all attributes but those that are known to be refused. It is written anew for every call, and again when the
/// call's turn comes if other posts have taught something meanwhile, for a call that is refused spends quota too.
/// </summary>
internal sealed class PostQuestion(PostToClassify post, IReadOnlyList<string> attributes, LanguageSupport support, PerspectiveOptions options)
{
    private readonly IReadOnlyList<string> _named = options.Languages.Length > 0 ? options.Languages : post.Language is { } own ? [own] : [];
    private readonly HashSet<LanguageSupport.Pair> _asking = [];
    private readonly Dictionary<string, string> _refused = [];
    private Dictionary<string, string> _unavailable = [];
    private IReadOnlyList<string>? _found;
    private AnalyzeCall? _call;
    private int _version;

    /// <summary>Attributes that are not asked for, each with the reason.</summary>
    public Dictionary<string, string> Unavailable => _unavailable;

    /// <summary>The call as it is to be sent now; without attributes if none can be scored.</summary>
    public AnalyzeCall Write()
    {
        var version = support.Version;
        if (_call is { } written && _version == version)
            return written;
        _version = version;
        return _call = AnalyzeCall.Write(post, Supported(), _named, options);
    }

    /// <summary>The last call asked for it; without it the next is another call.</summary>
    public bool Asks(string? attribute) => attribute is not null && _call?.Attributes.Contains(attribute) == true;

    /// <summary>The API has refused an attribute of the last call. Each round leaves out one more, so that the rounds end.</summary>
    public void Refuse(PerspectiveError error, string reason)
    {
        _refused[error.Attribute!] = reason;
        // The refusal says what the text was taken for: what else is known of that drops out with it.
        _found = error.Languages is { Count: > 0 } found ? found : _found;
        _call = null;
    }

    /// <summary>The last call was answered with scores of these attributes.</summary>
    public void Answered(IReadOnlyDictionary<string, double> scores)
    {
        foreach (var served in _asking.Where(asked => scores.ContainsKey(asked.Attribute)))
            support.LearnServed(served);
        foreach (var attribute in _call!.Attributes.Where(name => !scores.ContainsKey(name)))
            _unavailable[attribute] = "ABSENT: The answer holds no score for it.";
    }

    private List<string> Supported()
    {
        _unavailable = new Dictionary<string, string>(_refused);
        var supported = new List<string>(attributes.Count);
        foreach (var attribute in attributes.Where(name => !_refused.ContainsKey(name)))
        {
            if (support.ReasonAgainst(attribute, _found ?? _named, _asking) is { } reason)
                _unavailable[attribute] = reason;
            else
                supported.Add(attribute);
        }
        return supported;
    }
}
