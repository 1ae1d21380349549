using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Language;
using Millrace.Preprocessing.Posts;
using Millrace.Preprocessing.Rules;
using Millrace.Preprocessing.Text;

namespace Millrace.Preprocessing;

/// <summary>The output of preprocessing: what the later steps read.</summary>
/// <param name="Uri">As it came.</param>
/// <param name="Text">Normalised: Unicode NFC, single spaces, no control characters.</param>
/// <param name="TextHash">SHA-256 of the normalised text's UTF-8, 32 lower-case hexadecimal digits (its first half).</param>
/// <param name="Language">Identified from the text.</param>
/// <param name="Keep">True if every rule with the action <c>drop</c> passed.</param>
/// <param name="Rules">Every rule's verdict, in the rule set's order.</param>
/// <param name="Normalization">What had to be removed from the text, if anything.</param>
public sealed record PreprocessedPost(
    string Uri,
    string Text,
    string TextHash,
    IdentifiedLanguage Language,
    TextEntities Entities,
    bool Keep,
    IReadOnlyList<RuleVerdict> Rules,
    RuleSetReference RuleSet,
    IReadOnlyList<TextChange>? Normalization,
    string? CreatedAt,
    IReadOnlyList<string> Langs,
    string? Cid,
    PostAuthor? Author,
    IReadOnlyList<string> Labels,
    PostReply? Reply)
{
    /// <summary>Fields of a plain post that preprocessing does not know, passed on as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; init; }
}
