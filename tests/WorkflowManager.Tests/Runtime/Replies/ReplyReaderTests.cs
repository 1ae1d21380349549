using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Replies;

namespace Millrace.WorkflowManager.Tests.Runtime.Replies;

/// <summary>What of a message is whose reply.</summary>
public sealed class ReplyReaderTests
{
    private static readonly StepAddress One = new(Guid.Parse("0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10"), "a");
    private static readonly StepAddress Two = One with { Step = "b" };

    [Fact]
    public void A_reply_to_one_step_is_that_steps_whatever_its_body_looks_like()
    {
        var reading = Read("""[{"label":"cat","score":0.9}]""", One.ToString());
        Assert.Null(reading.Unassigned);
        Assert.Equal((One, ReplyReader.BadReply), (reading.Replies.Single().Address, reading.Replies.Single().Error!.Type));
    }

    [Theory]
    [InlineData("""{"correlationId":"ID","attempt":3,"output":[1]}""", "Array")]
    [InlineData("""{"correlationId":"ID","attempt":3,"output":{"\ud800":1}}""", "Unicode")]
    [InlineData("""{"attempt":3,"output":{"x":DEEP},"correlationId":"ID"}""", "depth")]
    [InlineData("""{"attempt":3,"output":"BYTES","correlationId":"ID"}""", "UTF-8")]
    public void A_bad_item_of_a_batch_fails_its_own_step_alone(string item, string reason)
    {
        var text = item.Replace("ID", One.ToString(), StringComparison.Ordinal).Replace("DEEP", Nested(64), StringComparison.Ordinal);
        var body = Encoding.UTF8.GetBytes($$"""[{{text}},{"correlationId":"{{Two}}","output":{"ok":true} }]""");
        if (text.IndexOf("BYTES", StringComparison.Ordinal) is >= 0 and var at)
            body[at + 1] = 0xFF;
        var reading = Read(body, null);

        Assert.Null(reading.Unassigned);
        var (bad, good) = (reading.Replies[0], reading.Replies[1]);
        Assert.Equal((One, 3, ReplyReader.BadReply, true), (bad.Address, bad.Attempt, bad.Error!.Type, bad.Error.Transient));
        Assert.Contains(reason, bad.Error.Message, StringComparison.Ordinal);
        Assert.Equal((Two, """{"ok":true}"""), (good.Address, Encoding.UTF8.GetString(good.Output.Span)));
    }

    [Theory]
    [InlineData("1", "item 1")]
    [InlineData("""{"output":{}}""", "item 1")]
    [InlineData("""{"correlationId":"nobody","output":{}}""", "item 1")]
    [InlineData("""{"correlationId":"nobody","output":DEEP}""", "item 1")]
    [InlineData("""{"correlationId":""", "not JSON")]
    public void What_names_no_step_is_told_and_the_rest_counts(string item, string reason)
    {
        var reading = Read($$"""[{"correlationId":"{{Two}}"},{{item.Replace("DEEP", Nested(64), StringComparison.Ordinal)}}]""", null);
        Assert.Equal(Two, reading.Replies.Single().Address);
        Assert.Contains(reason, reading.Unassigned, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void An_output_may_be_as_deep_in_a_batch_as_alone(int depth, bool isTaken)
    {
        var output = $$"""{"x":{{Nested(depth)}}}""";
        var alone = Read(output, One.ToString()).Replies.Single();
        var inBatch = Read($$"""[{"correlationId":"{{One}}","output":{{output}}}]""", null).Replies.Single();
        Assert.Equal((isTaken, isTaken), (alone.Error is null, inBatch.Error is null));
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static ReplyReading Read(string body, string? correlationId) => Read(Encoding.UTF8.GetBytes(body), correlationId);

    private static ReplyReading Read(byte[] body, string? correlationId) => ReplyReader.Read(new IncomingMessage(
        Wire.ReplyQueue, "", Wire.ReplyQueue, body, new MessageProperties { CorrelationId = correlationId }, DeliveryCount: 0));
}
