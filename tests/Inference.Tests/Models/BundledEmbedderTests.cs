using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Inference.Models;

namespace Millrace.Inference.Tests.Models;

public sealed class BundledEmbedderTests
{
    private static readonly string Golden = Path.Combine(AppContext.BaseDirectory, "Models", "bundled-embedder.golden.json");
    internal static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "bundled-embedder");

    private sealed record GoldenText(string Text, float[] Vector);

    public static TheoryData<string> Texts => [.. ReadGolden().Select(golden => golden.Text)];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task It_gives_the_vectors_that_training_gave(string text)
    {
        await using var model = await LoadAsync();
        var embedding = await EmbedAsync(model, text);

        var expected = ReadGolden().Single(golden => golden.Text == text).Vector;
        Assert.True(TensorPrimitives.CosineSimilarity<float>(embedding, expected) >= 0.999f);
        Assert.Equal(1f, TensorPrimitives.Norm<float>(embedding), 1e-4f);
    }

    [Fact]
    public async Task It_has_384_dimensions_and_its_folder_stays_under_15_MB()
    {
        await using var model = await LoadAsync();

        Assert.Equal(384, model.Dimensions);
        Assert.True(new DirectoryInfo(Folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) < 15_000_000);
    }

    [Theory]
    [InlineData("A dog is running across the beach.", "A puppy runs along the shore.", "The bank raised its interest rates.")]
    [InlineData("The president resigned after the vote.", "After losing the vote the president stepped down.", "The cake needs three eggs and some sugar.")]
    [InlineData("How do I repair a broken bicycle?", "fixing a bike that is broken", "How do I boil an egg?")]
    public async Task Texts_that_mean_the_same_are_closer_than_others(string text, string paraphrase, string other)
    {
        await using var model = await LoadAsync();
        var near = await LikenessAsync(model, text, paraphrase);
        var far = await LikenessAsync(model, text, other);
        Assert.True(near > far + 0.05f, $"{near} against {far}");
    }

    [Fact]
    public async Task A_synonym_that_shares_no_letters_is_closer_than_an_unrelated_word()
    {
        await using var model = await LoadAsync();
        var near = await LikenessAsync(model, "car", "automobile");
        var far = await LikenessAsync(model, "car", "onion");
        Assert.True(near > far + 0.05f, $"{near} against {far}");
    }

    private static Task<TextEmbedderModel> LoadAsync() => TextEmbedderModel.LoadAsync(
        Folder, new InferenceOptions { Device = DeviceKind.Cpu, IntraOpThreads = 1 }, TimeProvider.System, NullLoggerFactory.Instance,
        TestContext.Current.CancellationToken);

    private static async Task<float> LikenessAsync(TextEmbedderModel model, string first, string second)
    {
        var vector = await EmbedAsync(model, first);
        var other = await EmbedAsync(model, second);
        return TensorPrimitives.Dot<float>(vector, other);
    }

    private static async Task<float[]> EmbedAsync(TextEmbedderModel model, string text) =>
        (await model.EmbedAsync(text, new EmbedOptions(), TestContext.Current.CancellationToken)).Values;

    private static GoldenText[] ReadGolden() =>
        JsonSerializer.Deserialize<GoldenText[]>(File.ReadAllBytes(Golden), JsonSerializerOptions.Web)!;
}
