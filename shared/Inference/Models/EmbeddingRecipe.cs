using System.Text.Json;
using Millrace.Contracts;
using Millrace.Inference.Tokenizers.Files;

namespace Millrace.Inference.Models;

/// <summary>What makes one vector of a model's output, as the folder's sentence-transformers files say.</summary>
/// <param name="Prompts">Texts put before the text, by name, such as <c>query</c> and <c>passage</c>.</param>
/// <param name="DefaultPrompt">The name of the one that is used if a caller names none; null for none.</param>
internal sealed record EmbeddingRecipe(
    Pooling Pooling, bool Normalize, IReadOnlyDictionary<string, string> Prompts, string? DefaultPrompt)
{
    private const string PoolingFlag = "pooling_mode_";

    /// <exception cref="ConfigurationException">The folder asks for something that is not done here.</exception>
    public static EmbeddingRecipe Read(ModelFolder folder)
    {
        var modules = folder.ReadJson("modules.json") is { } list ? ReadModules(list, folder) : [];
        // A list without a pooling is that of a model that pools by itself.
        var pooling = modules.Count == 0 ? ReadPooling(folder, "1_Pooling", isNamed: false)
            : modules.Find(module => module.Kind == "Pooling").Path is { } path ? ReadPooling(folder, path, isNamed: true)
            : Pooling.Mean;
        var normalizes = modules.Count > 0
            ? modules.Any(module => module.Kind == "Normalize")
            : Directory.Exists(Path.Combine(folder.FullPath, "2_Normalize"));
        var prompts = folder.ReadJson("config_sentence_transformers.json");
        return new EmbeddingRecipe(
            pooling, normalizes,
            prompts?.Member("prompts")?.EnumerateObject().ToDictionary(prompt => prompt.Name, prompt => prompt.Value.GetString() ?? "") ?? [],
            prompts?.Text("default_prompt_name"));
    }

    private static List<(string Kind, string Path)> ReadModules(JsonElement list, ModelFolder folder)
    {
        var modules = list.EnumerateArray()
            .Select(module => ((module.Text("type") ?? "").Split('.')[^1], module.Text("path") ?? "")).ToList();
        return modules.Find(module => module.Item1 is not ("Transformer" or "Pooling" or "Normalize")) is ({ } kind, _)
            ? throw new ConfigurationException(
                $"{Path.Combine(folder.FullPath, "modules.json")} asks for a module '{kind}'; Transformer, Pooling and Normalize are run here. Export the model to ONNX with that module inside, as output 'sentence_embedding'.")
            : modules;
    }

    private static Pooling ReadPooling(ModelFolder folder, string module, bool isNamed)
    {
        var name = Path.Combine(module, "config.json");
        var path = Path.Combine(folder.FullPath, name);
        if (folder.ReadJson(name) is not { } config)
            return isNamed
                ? throw new ConfigurationException(
                    $"modules.json names a module Pooling, but {path} is missing: put the one that was published with the model there.")
                : Pooling.Mean;
        var asked = (config.ValueKind == JsonValueKind.Object ? config.EnumerateObject() : default)
            .Where(flag => flag.Name.StartsWith(PoolingFlag, StringComparison.Ordinal) && flag.Value.ValueKind == JsonValueKind.True)
            .Select(flag => flag.Name).ToList();
        return asked switch
        {
            ["pooling_mode_mean_tokens"] => Pooling.Mean,
            ["pooling_mode_cls_token"] => Pooling.Cls,
            ["pooling_mode_lasttoken"] => Pooling.LastToken,
            _ => throw new ConfigurationException(
                $"{path} asks for {(asked.Count == 0 ? "no pooling" : string.Join(" and ", asked))}; exactly one of pooling_mode_mean_tokens, pooling_mode_cls_token and pooling_mode_lasttoken is done here. Export the model to ONNX with its pooling inside, as output 'sentence_embedding', and remove the module from modules.json."),
        };
    }
}
