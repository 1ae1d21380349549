using System.Net;
using System.Text;
using System.Text.Json;
using Millrace.PerspectiveEmulator;

namespace Millrace.PerspectiveClassifier.Tests.Emulator;

/// <summary>What the emulator refuses, the provider's tests can trust never to have been sent.</summary>
public sealed class EmulatorContractTests
{
    [Theory]
    [InlineData("""{"comment":{"text":"hello"},"languages":[null],"requestedAttributes":{"TOXICITY":{}}}""")]
    [InlineData("""{"comment":{"text":"hello"},"requestedAttributes":{"TOXICITY":{"scoreThreshold":1.5}}}""")]
    [InlineData("""{"comment":{"text":"hello"},"requestedAttributes":{"TOXICITY":{"scoreThreshold":-0.1}}}""")]
    [InlineData("""{"comment":{"text":"hello и"},"requestedAttributes":{"SPAM":{}}}""")]
    public async Task What_the_contract_does_not_allow_is_answered_400(string json) => Assert.Equal(HttpStatusCode.BadRequest, (await Analyze(json)).Status);

    [Fact]
    public async Task Every_language_of_a_text_is_detected()
    {
        var (_, body) = await Analyze("""{"comment":{"text":"hello и"},"requestedAttributes":{"TOXICITY":{}}}""");

        Assert.Equal(["en", "ru"], body.GetProperty("detectedLanguages").EnumerateArray().Select(language => language.GetString()));
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> Analyze(string json)
    {
        await using var server = await PerspectiveServer.StartAsync(new EmulatorOptions { LatencyMs = 0, LatencyJitterMs = 0 }, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.BaseUrl };
        using var answer = await client.PostAsync(
            "/v1alpha1/comments:analyze", new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement);
    }
}
