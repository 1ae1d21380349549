using System.Security.Cryptography;
using System.Text;
using Millrace.Inference.Tokenizers.Files;

namespace Millrace.Inference.Models;

/// <summary>
/// Names a model by its content: results of different weights, vocabularies or settings never share a revision, and a file that decides
/// none of them, such as a card or a calibration that is kept beside the model, changes none.
/// </summary>
internal static class ModelRevision
{
    private const int HexDigits = 12;

    /// <summary>Beside the model and the tokenizer; <c>config.json</c> also in the folders of a pooling.</summary>
    private static readonly string[] Settings =
    [
        "config.json", "config_sentence_transformers.json", ClassifierLabels.FileName, "modules.json", "sentence_bert_config.json", "tokenizer_config.json",
    ];

    /// <param name="model">The model file.</param>
    /// <returns>The first 12 hex digits of a SHA-256.</returns>
    public static string Of(ModelFolder folder, string model) => Hash(
        folder,
        Settings.SelectMany(name => Directory.EnumerateFiles(folder.FullPath, name, SearchOption.AllDirectories))
            .Append(TokenizerFolder.FindFile(folder.FullPath))
            .Concat(Weights(model)));

    /// <summary>As revisions were made at first, of every JSON and text file: calibrations that were fitted then name it.</summary>
    /// <param name="besides">A file that has come since.</param>
    public static string Former(ModelFolder folder, string model, string? besides) => Hash(
        folder,
        Directory.EnumerateFiles(folder.FullPath, "*.json", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(folder.FullPath, "*.txt"))
            .Concat(Weights(model))
            .Where(file => besides is null || Path.GetFullPath(file) != Path.GetFullPath(besides)));

    private static string Hash(ModelFolder folder, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder.FullPath, file)));
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HexDigits];
    }

    /// <summary>Weights too large for one file lie beside it as <c>model.onnx_data</c> or <c>model.onnx.data</c>.</summary>
    private static IEnumerable<string> Weights(string model) =>
        Directory.EnumerateFiles(Path.GetDirectoryName(model)!, Path.GetFileName(model) + "*");
}
