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
    /// <exception cref="ConfigurationException">The folder asks for something that is not done here.</exception>
    public static EmbeddingRecipe Read(ModelFolder folder)
    {
        var modules = folder.ReadJson("modules.json") is { } list ? ReadModules(list, folder) : [];
        var pooling = modules.FirstOrDefault(module => module.Kind == "Pooling").Path ?? "1_Pooling";
        var normalizes = modules.Count > 0
            ? modules.Any(module => module.Kind == "Normalize")
            : Directory.Exists(Path.Combine(folder.FullPath, "2_Normalize"));
        var prompts = folder.ReadJson("config_sentence_transformers.json");
        return new EmbeddingRecipe(
            ReadPooling(folder, Path.Combine(pooling, "config.json")), normalizes,
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

    private static Pooling ReadPooling(ModelFolder folder, string name)
    {
        if (folder.ReadJson(name) is not { } config)
            return Pooling.Mean;
        if (config.Flag("pooling_mode_cls_token") == true)
            return Pooling.Cls;
        if (config.Flag("pooling_mode_lasttoken") == true)
            return Pooling.LastToken;
        if (config.Flag("pooling_mode_mean_tokens") == true)
            return Pooling.Mean;
        throw new ConfigurationException(
            $"{Path.Combine(folder.FullPath, name)} asks for none of pooling_mode_mean_tokens, pooling_mode_cls_token and pooling_mode_lasttoken, which are done here.");
    }
}
