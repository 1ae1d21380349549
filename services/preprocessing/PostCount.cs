using System.Text.Json;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>
/// What preprocessing would keep of posts, counted without running anything else: by the rules, and with the memory for duplicates, that the
/// service has. To be given the posts in the order in which they would come; not for several threads.
/// </summary>
public sealed class PostCount
{
    /// <summary>As sure as a later step must be to name the language to a remote API.</summary>
    private const double SureEnough = 0.8;

    private readonly PostPreprocessor _preprocessor;
    private readonly RuleSet _rules;
    private readonly HashSet<Guid> _seen = [];
    private readonly HashSet<string> _languages = [];

    /// <exception cref="ConfigurationException">The rule file is wrong; every problem is named.</exception>
    public PostCount(PreprocessingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _rules = options.RulesPath is null ? RuleSetReader.Default() : RuleSetReader.ReadFile(options.RulesPath);
        _preprocessor = new PostPreprocessor(
            new LanguageIdentifier(), new DuplicateIndex(options.DuplicateCapacity, TimeProvider.System), options.MaxTextLength);
    }

    /// <summary>Posts that were read.</summary>
    public long Posts { get; private set; }

    /// <summary>Of them, with the URI of an earlier one: the same request, which is run once.</summary>
    public long Repeated { get; private set; }

    /// <summary>Of the others, those that the later steps get.</summary>
    public long Kept { get; private set; }

    /// <summary>Of those kept, in a language that is not English, or unsure.</summary>
    public long KeptOfUnsureLanguage { get; private set; }

    /// <summary>Languages but English of the posts kept, of which it is sure.</summary>
    public int Languages => _languages.Count;

    /// <param name="post">In any shape that preprocessing reads.</param>
    public void Add(JsonElement post)
    {
        Posts++;
        if (_preprocessor.Process(post, _rules) is not StepResult<PreprocessedPost>.Completed { Output: var judged })
            return;
        if (!_seen.Add(RequestIds.ForKey("", judged.Uri)))
        {
            Repeated++;
            return;
        }
        if (!judged.Keep)
            return;
        Kept++;
        if (judged.Language.Confidence < SureEnough)
            KeptOfUnsureLanguage += judged.Language.Code == "en" ? 0 : 1;
        else if (judged.Language.Code != "en")
            _languages.Add(judged.Language.Code);
    }
}
