using System.Security.Cryptography;
using System.Text;

namespace Millrace.Inference.Models;

/// <summary>Names a model by its content: results of different weights, vocabularies or settings never share a revision.</summary>
internal static class ModelRevision
{
    private const int HexDigits = 12;

    /// <param name="folder">The folder whose small files (JSON, text) count as well.</param>
    /// <param name="model">The model file.</param>
    /// <returns>The first 12 hex digits of a SHA-256.</returns>
    public static string Of(ModelFolder folder, string model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files(folder.FullPath, model))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(folder.FullPath, file)));
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..HexDigits];
    }

    /// <summary>Weights too large for one file lie beside it as <c>model.onnx_data</c> or <c>model.onnx.data</c>.</summary>
    private static IEnumerable<string> Files(string folder, string model) =>
        Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(folder, "*.txt"))
            .Concat(Directory.EnumerateFiles(Path.GetDirectoryName(model)!, Path.GetFileName(model) + "*"))
            .Order(StringComparer.Ordinal);
}
