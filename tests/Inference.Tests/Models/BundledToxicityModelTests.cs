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

    /// <summary>Fifty words fill the model once; what comes after them counts too.</summary>
    [Fact]
    public async Task A_text_that_is_too_long_for_one_look_is_read_to_its_end()
    {
        await using var model = await LoadAsync();
        int toxicity = model.Labels.ToList().FindIndex(label => label.Attribute == "TOXICITY");
        var calm = string.Concat(Enumerable.Repeat("the committee meets on tuesday and reads the minutes of the last meeting ", 8));

        var without = await model.ClassifyAsync(calm, TestContext.Current.CancellationToken);
        var insulting = await model.ClassifyAsync(calm + "you stupid idiot", TestContext.Current.CancellationToken);
        var endless = await model.ClassifyAsync(string.Concat(Enumerable.Repeat(calm, 100)), TestContext.Current.CancellationToken);

        Assert.InRange(without.Probabilities[toxicity], 0, 0.1f);
        Assert.InRange(insulting.Probabilities[toxicity], 0.3f, 1);
        Assert.Equal([false, false, true], new[] { without, insulting, endless }.Select(found => found.Truncated));
        Assert.True(insulting.Tokens > model.MaxTokens);
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
