using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Posts;
using Millrace.Preprocessing.Rules;
using Millrace.Preprocessing.Text;

namespace Millrace.Preprocessing;

/// <summary>One post's way: read, normalise, find entities, identify the language, judge by every rule.</summary>
internal sealed class PostPreprocessor(LanguageIdentifier languages, DuplicateIndex duplicates, int maxTextLength)
{
    public StepResult<PreprocessedPost> Process(JsonElement input, RuleSet rules)
    {
        var (post, rejection) = PostReader.Read(input);
        if (post is null)
            return StepResult<PreprocessedPost>.Reject(rejection!.Type, rejection.Message);
        if (post.Text.Length > maxTextLength)
            return StepResult<PreprocessedPost>.Reject("TEXT_TOO_LONG", $"The text has {post.Text.Length} code units; at most {maxTextLength} are read.");

        var text = TextNormalizer.Normalize(post.Text, post.UnpairedSurrogates);
        var prose = EntityExtractor.Prose(text.Value);
        var hash = Hash(text.Value);
        var facts = new PostFacts(
            post,
            text.Value,
            prose,
            languages.Identify(prose, post.Langs),
            EntityExtractor.Extract(text.Value, post.Facets, post.Tags),
            FindDuplicate(post.Uri, text.Value, prose, hash, rules));
        return Describe(facts, text.Changes, hash, rules);
    }

    private DuplicateVerdict FindDuplicate(string uri, string text, string prose, string hash, RuleSet rules)
    {
        if (!rules.SeesDuplicates || text.Length == 0)
            return DuplicateVerdict.None;
        return duplicates.Register(uri, hash, MinHash.Of(prose, rules.NearMinCharacters), rules.Window, rules.Similarity);
    }

    private static PreprocessedPost Describe(PostFacts facts, IReadOnlyList<TextChange> changes, string hash, RuleSet rules)
    {
        var post = facts.Post;
        var verdicts = rules.Rules.Select(rule => rule.Judge(facts)).ToList();
        return new PreprocessedPost(
            post.Uri,
            facts.Text,
            hash,
            facts.Language,
            facts.Entities,
            Keep: verdicts.TrueForAll(verdict => verdict.Passed || verdict.Action == RuleAction.Mark),
            verdicts,
            rules.Reference,
            changes.Count == 0 ? null : changes,
            post.CreatedAt,
            post.Langs,
            post.Cid,
            post.Author,
            post.Labels,
            post.Reply)
        {
            Extra = post.Extra.Count == 0 ? null : post.Extra.ToDictionary(),
        };
    }

    private static string Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
