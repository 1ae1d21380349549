using System.Text.Json;
using Millrace.Contracts;
using Millrace.Inference.Tokenizers;
using Millrace.Inference.Tokenizers.Files;

namespace Millrace.Inference.Models;

/// <summary>A folder that holds a model, its tokenizer and what is said about them: the layout of sentence-transformers and of Optimum's exports.</summary>
internal sealed class ModelFolder
{
    private static readonly string[] Places = ["", "onnx"];

    /// <exception cref="ConfigurationException">There is no such folder.</exception>
    public ModelFolder(string path)
    {
        if (!Directory.Exists(path))
            throw new ConfigurationException($"The model folder {path} is missing: set the path of a folder with model.onnx and its tokenizer.");
        FullPath = Path.GetFullPath(path);
    }

    public string FullPath { get; }

    public string Name => Path.GetFileName(FullPath) is "model" or "" ? Path.GetFileName(Path.GetDirectoryName(FullPath))! : Path.GetFileName(FullPath);

    /// <exception cref="ConfigurationException">There is no model of that precision.</exception>
    public string FindModel(ModelPrecision precision)
    {
        string[] names = precision switch
        {
            ModelPrecision.Fp32 => ["model.onnx"],
            ModelPrecision.Fp16 => ["model_fp16.onnx"],
            _ => ["model_int8.onnx", "model_quantized.onnx"],
        };
        var candidates = Places.SelectMany(place => names.Select(name => Path.Combine(FullPath, place, name)));
        return candidates.FirstOrDefault(File.Exists) ?? throw new ConfigurationException(
            $"{FullPath} has no {string.Join(" or ", names)}, nor has its folder onnx: export the model to ONNX there, or choose another precision.");
    }

    /// <summary>A JSON file of the folder, or null if it has none.</summary>
    /// <exception cref="ConfigurationException">It is not JSON.</exception>
    public JsonElement? ReadJson(string name)
    {
        var path = Path.Combine(FullPath, name);
        if (!File.Exists(path))
            return null;
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{path} is not JSON ({error.Message}). Put the file that was published with the model there.");
        }
    }

    /// <summary>The longest text that the model was made for, special tokens included.</summary>
    /// <param name="wanted">A length that was set; 0 for none. It stands where the folder says nothing.</param>
    /// <exception cref="ConfigurationException">The folder says nothing, has no config.json and no length was set.</exception>
    public int MaxTokens(int wanted)
    {
        if (Path.GetFileName(TokenizerFolder.FindFile(FullPath)) == HashedNgramOptions.FileName)
            return ReadJson(HashedNgramOptions.FileName)?.Number("maxFeatures") ?? DefaultMaxTokens;
        if ((ReadJson("sentence_bert_config.json")?.Number("max_seq_length")
            ?? PositionsOfConfig()
            ?? ReadJson("tokenizer_config.json")?.Number("model_max_length")) is { } most)
            return most;
        if (wanted > 0)
            return wanted;
        // One that is there and names no positions is of a model without such a limit.
        return File.Exists(Path.Combine(FullPath, "config.json"))
            ? DefaultMaxTokens
            : throw new ConfigurationException(
                $"{Path.Combine(FullPath, "config.json")} is missing, so that the longest text is not known: put the one that was published with the model there, or set MaxTokens.");
    }

    private const int DefaultMaxTokens = 512;

    /// <summary>RoBERTa's kind counts positions from the padding id on, so two or more of them are never used.</summary>
    private int? PositionsOfConfig()
    {
        if (ReadJson("config.json") is not { } config || config.Number("max_position_embeddings") is not { } positions)
            return null;
        return config.Text("model_type") is "roberta" or "xlm-roberta" or "camembert" or "mpnet"
            ? positions - (config.Number("pad_token_id") ?? 1) - 1
            : positions;
    }
}
