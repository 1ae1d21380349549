using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Inference.Tokenizers;

/// <summary>What <c>ngrams.json</c> in a model folder says: which n-grams a text is made of and into how many buckets they fall.</summary>
public sealed record HashedNgramOptions
{
    /// <summary>The name of the file in a model folder.</summary>
    public const string FileName = "ngrams.json";

    /// <summary>The only version of the featuriser there is; a model trained on another would read noise.</summary>
    public const int SupportedVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    [AllowedValues("hashed-ngrams")]
    public required string Type { get; init; }

    [AllowedValues(SupportedVersion)]
    public required int Version { get; init; }

    /// <summary>Ids kept of one text; the rest is cut and reported as truncated.</summary>
    [Range(1, 65_536)]
    public required int MaxFeatures { get; init; }

    public required WordNgrams Words { get; init; }

    public required CharNgrams Chars { get; init; }

    /// <summary>Whether a word in capitals adds the feature <c>&lt;caps&gt;</c>.</summary>
    public bool Capitals { get; init; }

    /// <summary>Whether <c>sh1t</c> and <c>a$$hole</c> read as the words they stand for.</summary>
    public bool Deobfuscate { get; init; }

    /// <summary>Whether a word of digits alone becomes as many zeros, or else keeps its digits.</summary>
    public bool FoldNumbers { get; init; } = true;

    /// <summary>Rows of the model's table: the padding row 0, words, chars.</summary>
    public int VocabularySize => 1 + Words.Buckets + Chars.Buckets;

    /// <exception cref="ConfigurationException">The file is missing, is not JSON or says something impossible; every problem is listed.</exception>
    public static HashedNgramOptions Load(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize<HashedNgramOptions>(File.ReadAllBytes(path), Json)
                ?? throw new JsonException("the file holds null");
            var problems = options.Problems();
            return problems.Count == 0 ? options : throw new ConfigurationException([.. problems.Select(p => $"{path}: {p}")]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new ConfigurationException([$"{path}: {e.Message}"]);
        }
    }

    private List<string> Problems()
    {
        var results = new List<ValidationResult>();
        foreach (object part in new object[] { this, Words, Chars })
            Validator.TryValidateObject(part, new ValidationContext(part), results, validateAllProperties: true);
        return [.. results.Select(r => r.ErrorMessage ?? "is not valid")];
    }
}

/// <summary>N-grams of neighbouring words.</summary>
public sealed record WordNgrams : IValidatableObject
{
    [Range(1, 4)]
    public required int Min { get; init; }

    [Range(1, 4)]
    public required int Max { get; init; }

    [Range(1, 16_777_216)]
    public required int Buckets { get; init; }

    /// <summary>Whether a word also pairs with the one before the previous.</summary>
    public bool Skips { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Max < Min ? [new ValidationResult("words: max is below min")] : [];
}

/// <summary>N-grams of code points inside a word that is written as <c>&lt;word&gt;</c>.</summary>
public sealed record CharNgrams : IValidatableObject
{
    [Range(1, 16)]
    public required int Min { get; init; }

    [Range(1, 16)]
    public required int Max { get; init; }

    [Range(1, 16_777_216)]
    public required int Buckets { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        Max < Min ? [new ValidationResult("chars: max is below min")] : [];
}
