using System.Net;
using System.Text;
using System.Text.Json;
using Millrace.PerspectiveClassifier.Tests.Api;
using Millrace.PerspectiveEmulator;

namespace Millrace.PerspectiveClassifier.Tests.Emulator;

/// <summary>What the emulator refuses, the provider's tests can trust never to have been sent.</summary>
public sealed class EmulatorContractTests
{
    [Theory]
    [MemberData(nameof(ContractBodies.Malformed), MemberType = typeof(ContractBodies))]
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

    [Theory]
    [MemberData(nameof(ContractBodies.Good), MemberType = typeof(ContractBodies))]
    public async Task What_proto3_reads_is_read(string json) => Assert.Equal(HttpStatusCode.OK, (await Analyze(json)).Status);

    [Theory]
    [InlineData("Das ist ein ruhiger Beitrag und nicht mehr.", "de")]
    [InlineData("Je ne sais pas pour qui vous le dites.", "fr")]
    [InlineData("No sé por qué es una pregunta para los otros.", "es")]
    [InlineData("hello", "en")]
    public async Task A_language_of_Latin_letters_is_told_by_its_words(string text, string language)
    {
        var (_, body) = await Analyze($$$"""{"comment":{"text":"{{{text}}}"},"requestedAttributes":{"TOXICITY":{} } }""");

        Assert.Equal(language, Assert.Single(body.GetProperty("detectedLanguages").EnumerateArray()).GetString());
    }

    [Theory]
    [InlineData("""{"comment":{"text":"kind"},"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.1}}},"clientToken":"t"}""", HttpStatusCode.OK)]
    [InlineData("""{"comment":{"text":"kind"},"attributeScores":{}}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"comment":{"text":"kind"},"requestedAttributes":{"TOXICITY":{}}}""", HttpStatusCode.BadRequest)]
    public async Task A_suggestion_is_checked_like_an_analysis(string json, HttpStatusCode status) =>
        Assert.Equal(status, (await Analyze(json, "suggestscore")).Status);

    private static async Task<(HttpStatusCode Status, JsonElement Body)> Analyze(string json, string method = "analyze")
    {
        await using var server = await PerspectiveServer.StartAsync(new EmulatorOptions { LatencyMs = 0, LatencyJitterMs = 0 }, TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = server.BaseUrl };
        using var answer = await client.PostAsync(
            $"/v1alpha1/comments:{method}", new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement);
    }
}
