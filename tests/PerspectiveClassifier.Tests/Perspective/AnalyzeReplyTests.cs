using System.Net;
using System.Text;
using System.Text.Json;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

public sealed class AnalyzeReplyTests
{
    private static readonly AnalyzeCall Call = AnalyzeCall.Write(new PostToClassify("mine", "text"), ["TOXICITY"], [], new() { SpanAnnotations = true });

    [Theory]
    [InlineData("""{"clientToken":"OF THE CALL",SCORES}""")]
    [InlineData("""{"clientToken":null,SCORES}""")]
    [InlineData("{SCORES}")]
    public void An_answer_is_taken_for_the_calls_own(string body)
    {
        const string scores = """
            "attributeScores":{"TOXICITY":{"summaryScore":{"value":0.5}}}
            """;
        var read = Read(
            HttpStatusCode.OK, body.Replace("OF THE CALL", Call.Token, StringComparison.Ordinal).Replace("SCORES", scores, StringComparison.Ordinal));

        Assert.Equal(0.5, read.Scores!["TOXICITY"]);
    }

    [Theory]
    [InlineData("{}", "no score")]
    [InlineData("""{"attributeScores":{}}""", "no score")]
    [InlineData("""{"attributeScores":{"SPAM":{"summaryScore":{"value":0.5}}}}""", "no score")]
    [InlineData("""{"error":{"code":503,"status":"UNAVAILABLE","message":"the backend is away"}}""", "UNAVAILABLE: the backend is away")]
    [InlineData("""{"error":{"message":"\ud83d"}}""", "")]
    public void A_success_without_a_score_for_anything_that_was_asked_for_is_no_answer(string body, string told) =>
        Assert.Contains(told, Assert.Throws<JsonException>(() => Read(HttpStatusCode.OK, body)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"clientToken":"another"}""")]
    [InlineData("""{"clientToken":"mine"}""")]
    [InlineData("""{"clientToken":"\ud83d"}""")]
    [InlineData("""{"attributeScores":{"TOXICITY":{"summaryScore":{"value":"0.5"}}}}""")]
    [InlineData("""{"attributeScores":{"TOXICITY":{"summaryScore":{"value":1.5}}}}""")]
    [InlineData("""{"attributeScores":{"\ud83d":{"summaryScore":{"value":0.5}}}}""")]
    [InlineData("""{"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.5},"spanScores":[{"begin":3,"end":1,"score":{"value":0.5}}]}}}""")]
    [InlineData("""{"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.5},"spanScores":{}}}}""")]
    public void What_is_not_of_the_contract_or_not_of_the_call_is_no_answer(string body) =>
        Assert.Throws<JsonException>(() => Read(HttpStatusCode.OK, body));

    [Theory]
    [InlineData("API_KEY_INVALID", true)]
    [InlineData("API_KEY_EXPIRED", true)]
    [InlineData("API_KEY_SERVICE_BLOCKED", true)]
    [InlineData("SERVICE_DISABLED", true)]
    [InlineData("RATE_LIMIT_EXCEEDED", false)]
    public void Googles_reason_says_whether_the_key_is_refused_or_the_call(string reason, bool access)
    {
        var error = Read(HttpStatusCode.BadRequest, $$"""{"error":{"status":"INVALID_ARGUMENT","details":[{"reason":"{{reason}}"}] } }""").Error!;

        Assert.Equal((reason, access), (error.Reason, error.IsOfAccess));
    }

    [Fact]
    public void An_error_with_half_a_surrogate_pair_is_still_an_error() =>
        Assert.Equal("HTTP_400", Read(HttpStatusCode.BadRequest, """{"error":{"message":"\ud83d"}}""").Error!.Type);

    private static AnalyzeReply Read(HttpStatusCode status, string body) => AnalyzeReply.Read(Call, status, Encoding.UTF8.GetBytes(body), null);
}
