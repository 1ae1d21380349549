using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Inference.Models;

namespace Millrace.Inference.Tests.Models;

/// <summary>The classifier that ships in <c>infra/models/toxicity/model</c>, scored as the service scores it.</summary>
public sealed class BundledToxicityModelTests
{
    private static readonly string Folder = FindFolder();

    [Fact]
    public async Task Its_probabilities_are_those_of_the_training_sides_own_forward_pass()
    {
        await using var model = await LoadAsync();
        var golden = JsonSerializer.Deserialize<List<GoldenText>>(
            File.ReadAllBytes(Path.Combine(Folder, "golden.json")), JsonSerializerOptions.Web)!;
        Assert.True(golden.Count >= 12);
        foreach (var (text, expected) in golden)
        {
            var scored = await model.ClassifyAsync(text, TestContext.Current.CancellationToken);
            Assert.Equal(expected.Count, scored.Probabilities.Count);
            Assert.All(expected.Zip(scored.Probabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        }
    }

    [Theory]
    [InlineData("Thank you for the careful review, I have fixed the reference.", false)]
    [InlineData("Good morning from the harbour!", false)]
    [InlineData("The committee meets on Tuesday at noon.", false)]
    [InlineData("I am a gay man and I teach mathematics.", false)]
    [InlineData("My Muslim neighbours brought us soup.", false)]
    [InlineData("I disagree, but I see your point.", false)]
    [InlineData("You are a stupid idiot and nobody likes you.", true)]
    [InlineData("what a f*cking moron", true)]
    [InlineData("Shut up, you pathetic loser!!!", true)]
    [InlineData("you 𝓯𝓾𝓬𝓴𝓲𝓷𝓰 idiot", true)]
    [InlineData("these people are disgusting scum", true)]
    [InlineData("you dumb b!tch", true)]
    public async Task Plain_attacks_are_toxic_at_one_half_and_plain_talk_is_not(string text, bool toxic)
    {
        await using var model = await LoadAsync();
        int toxicity = model.Labels.ToList().FindIndex(label => label.Attribute == "TOXICITY");
        var scored = await model.ClassifyAsync(text, TestContext.Current.CancellationToken);
        Assert.Equal(toxic, scored.Probabilities[toxicity] >= 0.5f);
    }

    [Fact]
    public async Task What_it_cannot_give_is_named_and_never_scored()
    {
        await using var model = await LoadAsync();
        Assert.Contains("SEVERE_TOXICITY", model.Unavailable);
        Assert.Empty(model.Unavailable.Intersect(model.Labels.Select(label => label.Attribute!)));
        Assert.All(model.Labels, label => Assert.NotNull(label.Attribute));
    }

    private static Task<TextClassifierModel> LoadAsync() => TextClassifierModel.LoadAsync(
        Folder, new InferenceOptions { Device = DeviceKind.Cpu, IntraOpThreads = 1 }, TimeProvider.System,
        NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

    private static string FindFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "infra", "models")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "infra", "models", "toxicity", "model");
    }

    private sealed record GoldenText(string Text, IReadOnlyList<float> Probabilities);
}
