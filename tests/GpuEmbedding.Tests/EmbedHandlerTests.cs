using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;

namespace Millrace.GpuEmbedding.Tests;

public sealed class EmbedHandlerTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Every_text_gets_a_vector_with_its_revision_tokens_and_times_in_order()
    {
        await using var host = await EmbeddingHost.StartAsync(("StepFormat", "array"));
        var texts = Enumerable.Range(0, 64).Select(i => string.Join(' ', Enumerable.Repeat("mill", 1 + (i % 9)))).ToList();
        var results = await Handler(host).HandleAsync([.. texts.Select(text => new EmbedInput(text))], None);
        var outputs = results.Select(Output).ToList();
        var revision = host.Services.GetRequiredService<Embedder>().Model.Revision;
        Assert.Equal(texts.Select(text => text.Split(' ').Length + 2), outputs.Select(output => output.Tokens));
        Assert.All(outputs, output => Assert.Equal((EmbeddingHost.Width, "tiny", revision, false), (output.Dimensions, output.Model, output.ModelRevision, output.Truncated)));
        Assert.Equal(Assert.IsType<float[]>(outputs[0].Embedding), Assert.IsType<float[]>(outputs[9].Embedding));
        Assert.NotEqual((float[])outputs[0].Embedding, (float[])outputs[1].Embedding);
    }

    [Fact]
    public async Task A_vector_travels_as_little_endian_floats_in_base64()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var encoded = Assert.IsType<string>(Output((await Handler(host).HandleAsync([new EmbedInput("the mill")], None))[0]).Embedding);
        var direct = await host.Services.GetRequiredService<Embedder>().EmbedAsync("the mill", default, None);
        var bytes = Convert.FromBase64String(encoded);
        Assert.Equal(direct.Values, Enumerable.Range(0, EmbeddingHost.Width).Select(i => BitConverter.ToSingle(bytes, i * 4)));
    }

    [Fact]
    public async Task A_bad_item_is_refused_and_the_others_are_done()
    {
        await using var host = await EmbeddingHost.StartAsync(("MaxTextLength", "20"));
        var results = await Handler(host).HandleAsync(
            [new EmbedInput(null), new EmbedInput(new string('a', 21)), new EmbedInput("mill", Prompt: "none"), new EmbedInput("mill", Dimensions: 99), new EmbedInput("mill")], None);
        Assert.Equal(
            ["text-missing", "text-too-long", "bad-input", "bad-input"],
            results.Take(4).Select(result => Assert.IsType<StepResult<EmbedOutput>.Failed>(result).Error.Type));
        Assert.All(results.Take(4), result => Assert.False(((StepResult<EmbedOutput>.Failed)result).Error.Transient));
        Output(results[4]);
    }

    [Fact]
    public async Task A_text_that_breaks_the_runtime_fails_alone_and_may_be_tried_again()
    {
        await using var host = await EmbeddingHost.StartAsync();
        var texts = Enumerable.Range(0, 64).Select(i => i == 20 ? $"mill {EmbeddingHost.Breaking}" : string.Join(' ', Enumerable.Repeat("mill", 1 + (i % 5))));
        var results = await Handler(host).HandleAsync([.. texts.Select(text => new EmbedInput(text))], None);
        var error = Assert.IsType<StepResult<EmbedOutput>.Failed>(results[20]).Error;
        Assert.Equal(("inference-failed", true), (error.Type, error.Transient));
        Assert.NotEmpty(error.Message);
        Assert.Equal(63, results.Select((result, i) => (result, i)).Where(pair => pair.i != 20).Select(pair => Output(pair.result)).Count());
    }

    [Fact]
    public async Task What_the_queue_cannot_take_is_throttled_and_not_lost()
    {
        await using var host = await EmbeddingHost.StartAsync(("Batching:QueueLimitItems", "2"), ("Batching:MaxBatchItems", "1"), ("CacheItems", "0"));
        var results = await Handler(host).HandleAsync([.. Enumerable.Repeat(new EmbedInput(string.Join(' ', Enumerable.Repeat("mill", 60))), 500)], None);
        Assert.Contains(results, result => result is StepResult<EmbedOutput>.Throttled { RetryAfter.TotalSeconds: >= 1 });
        Assert.Contains(results, result => result is StepResult<EmbedOutput>.Completed);
        Assert.DoesNotContain(results, result => result is StepResult<EmbedOutput>.Failed);
    }

    [Fact]
    public async Task A_text_seen_before_comes_from_the_cache()
    {
        await using var host = await EmbeddingHost.StartAsync(("CacheItems", "2"));
        var embedder = host.Services.GetRequiredService<Embedder>();
        var first = await embedder.EmbedAsync("the mill", default, None);
        var ran = embedder.Model.Engine.Counts.Texts;
        Assert.Equal(first.Values, (await embedder.EmbedAsync("the mill", default, None)).Values);
        Assert.Equal(ran, embedder.Model.Engine.Counts.Texts);
        await embedder.EmbedAsync("the mill", new(Dimensions: 4), None);
        Assert.Equal(ran + 1, embedder.Model.Engine.Counts.Texts);
        await embedder.EmbedAsync("the race", default, None);
        Assert.Equal(2, embedder.Cache.Count);
        await embedder.EmbedAsync("the mill", default, None);
        Assert.Equal(ran + 3, embedder.Model.Engine.Counts.Texts);
    }

    [Fact]
    public async Task A_service_with_wrong_settings_does_not_start_and_says_all_that_is_wrong()
    {
        var error = await Assert.ThrowsAsync<ConfigurationException>(() => EmbeddingHost.StartAsync(("CacheItems", "-1"), ("Batching:MaxBatchItems", "0")));
        Assert.Equal(2, error.Problems.Count);
        error = await Assert.ThrowsAsync<ConfigurationException>(() => EmbeddingHost.StartAsync(("StepPrompt", "none"), ("DefaultDimensions", "99")));
        Assert.Equal(2, error.Problems.Count);
    }

    private static EmbedHandler Handler(EmbeddingHost host) => host.Services.GetRequiredService<EmbedHandler>();

    private static EmbedOutput Output(StepResult<EmbedOutput> result) => Assert.IsType<StepResult<EmbedOutput>.Completed>(result).Output;
}
