using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Inference.Tokenizers.Files;

/// <summary>Finds the tokenizer of a model folder: <c>ngrams.json</c>, <c>tokenizer.json</c> or <c>vocab.txt</c>, the first there is.</summary>
public static class TokenizerFolder
{
    public const string TokenizerFile = "tokenizer.json";
    public const string VocabularyFile = "vocab.txt";

    /// <exception cref="ConfigurationException">There is none, or the one there is cannot be read; the file and the fix are named.</exception>
    public static ITextTokenizer Load(string folder)
    {
        var path = FindFile(folder);
        try
        {
            return Path.GetFileName(path) switch
            {
                HashedNgramOptions.FileName => new NgramTextTokenizer(new HashedNgramTokenizer(HashedNgramOptions.Load(path))),
                VocabularyFile => VocabularyFileReader.Read(path),
                _ => TokenizerFileReader.Read(path),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException or FormatException)
        {
            throw new ConfigurationException($"{path}: {e.Message}. Put the tokenizer file that was published with the model there.");
        }
    }

    /// <summary>The file that <see cref="Load"/> reads.</summary>
    public static string FindFile(string folder)
    {
        string[] names = [HashedNgramOptions.FileName, TokenizerFile, VocabularyFile];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new ConfigurationException(
                $"{folder} has none of {string.Join(", ", names)}: put the tokenizer file that was published with the model there.");
    }
}
