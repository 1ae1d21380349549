using System.Text.Json;
using Millrace.Contracts;
using Millrace.Inference.Tokenizers.Files;

namespace Millrace.Inference.Models;

/// <summary>One output of a classifier.</summary>
/// <param name="Name">As the model calls it.</param>
/// <param name="Attribute">What it stands for outside, such as <c>TOXICITY</c>; null if the folder does not say.</param>
/// <param name="Threshold">The probability from which on the model's makers call it so; null if the folder does not say.</param>
public sealed record ClassifierLabel(string Name, string? Attribute = null, double? Threshold = null);

/// <summary>How a text is read that is too long for the model: in parts that overlap by half.</summary>
/// <param name="Max">Parts that are read at most, from 1 to 1,024.</param>
/// <param name="FirstShare">From 0 to 1: what the first part's output counts; the rest is the highest output of any part.</param>
public sealed record TextParts(int Max, double FirstShare);

/// <summary>How a classifier's outputs become probabilities.</summary>
public enum LabelActivation
{
    /// <summary>They are probabilities already.</summary>
    None,

    /// <summary>Each for itself: several labels may hold.</summary>
    Sigmoid,

    /// <summary>They share 1: one label holds.</summary>
    Softmax,
}

/// <summary>The labels of a model folder.</summary>
/// <param name="Unavailable">Attributes that the makers say it cannot give.</param>
/// <param name="Parts">How long texts are read; null: their beginning alone.</param>
internal sealed record ClassifierLabels(
    LabelActivation Activation, IReadOnlyList<ClassifierLabel> Outputs, IReadOnlyList<string> Unavailable, TextParts? Parts = null)
{
    public const string FileName = "labels.json";

    /// <summary>From <c>labels.json</c>, else from <c>id2label</c> in <c>config.json</c>.</summary>
    /// <exception cref="ConfigurationException">Neither says what the outputs are.</exception>
    public static ClassifierLabels Read(ModelFolder folder)
    {
        if (folder.ReadJson(FileName) is { } labels)
            return ReadLabels(labels, Path.Combine(folder.FullPath, FileName));
        if (folder.ReadJson("config.json") is { } config && config.Member("id2label") is { } names)
            return ReadConfig(config, names);
        throw new ConfigurationException(
            $"{folder.FullPath} does not say what the model's outputs are: write a {FileName} with activation and outputs, or put config.json with id2label there.");
    }

    private static ClassifierLabels ReadLabels(JsonElement labels, string path)
    {
        try
        {
            return new ClassifierLabels(
                Enum.Parse<LabelActivation>(labels.Text("activation") ?? throw new InvalidDataException("member 'activation' is missing"), ignoreCase: true),
                [.. labels.Required("outputs").EnumerateArray().Select(ReadOutput)],
                [.. labels.Member("unavailable")?.EnumerateArray().Select(name => name.GetString()!) ?? []],
                labels.Member("parts") is { } parts ? ReadParts(parts) : null);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new ConfigurationException(
                $"{path}: {error.Message}. Write it as {{\"activation\":\"sigmoid|softmax|none\",\"outputs\":[{{\"name\":\"toxicity\"}}]}}.");
        }
    }

    private static ClassifierLabel ReadOutput(JsonElement output) => new(
        output.Text("name") ?? throw new InvalidDataException("an output has no name"),
        output.Text("attribute"),
        output.Member("threshold")?.GetDouble() is var threshold && threshold is null or (>= 0 and <= 1)
            ? threshold
            : throw new InvalidDataException($"threshold {threshold} is not from 0 to 1"));

    private static TextParts ReadParts(JsonElement parts) =>
        (parts.Number("max"), parts.Member("firstShare")?.GetDouble()) is ( >= 1 and <= 1_024 and var max, >= 0 and <= 1 and var share)
            ? new TextParts(max, share)
            : throw new InvalidDataException("member 'parts' is not like {\"max\":256,\"firstShare\":0.5}");

    /// <summary>Without <c>problem_type</c> one output, or several under the names of Detoxify, are independent; else one label holds.</summary>
    private static ClassifierLabels ReadConfig(JsonElement config, JsonElement names)
    {
        var outputs = names.EnumerateObject()
            .OrderBy(name => int.Parse(name.Name, System.Globalization.CultureInfo.InvariantCulture))
            .Select(name => new ClassifierLabel(name.Value.GetString()!)).ToList();
        var independent = config.Text("problem_type") switch
        {
            "multi_label_classification" => true,
            "single_label_classification" => false,
            _ => outputs.Count == 1 || outputs.Any(output => output.Name is "toxicity" or "toxic" or "identity_attack" or "identity_hate"),
        };
        return new ClassifierLabels(independent ? LabelActivation.Sigmoid : LabelActivation.Softmax, outputs, []);
    }
}
