using System.Text;
using Millrace.WorkflowManager.Engine.Bodies;

namespace Millrace.WorkflowManager.Engine.Tests.Bodies;

/// <summary>An output that answers another input than its own.</summary>
public sealed class CachedOutputTests
{
    private static readonly string[] Names = ["uri", "id", "text"];

    [Theory]
    [InlineData("""{"score":0.5,"deep":{"uri":"a"}}""", """{"score":0.5,"deep":{"uri":"a"}}""")]
    [InlineData("""{"uri":"a","score":0.5,"text":"T\u0021"}""", """{"uri":"b","score":0.5,"text":"t"}""")]
    [InlineData("""{"uri":"7","score":0.5}""", """{"uri":"8","score":0.5}""")]
    [InlineData("""{"uri":"made up","other":"a"}""", """{"uri":"made up","other":"a"}""")]
    [InlineData("""{ "uri" : "a" }""", """{"uri" : "b"}""")]
    [InlineData("{}", "{}")]
    public void Takes_from_the_new_input_what_repeated_the_old_one_and_nothing_else(string output, string expected)
    {
        var kept = CachedOutput.Write(Bytes(output), Bytes("""{"uri":"a","id":"7","text":"T!","other":"a"}"""), Names);
        Assert.Equal(expected, Encoding.UTF8.GetString(CachedOutput.Read(kept, Bytes("""{"other":"z","text":"t","id":"8","uri":"b"}""")).Span));
    }

    [Fact]
    public void Of_two_fields_that_say_the_same_a_namesake_is_the_one_repeated()
    {
        var kept = CachedOutput.Write(Bytes("""{"uri":"a","id":"a"}"""), Bytes("""{"id":"a","uri":"a"}"""), Names);
        Assert.Equal("""{"uri":"b","id":"8"}""", Encoding.UTF8.GetString(CachedOutput.Read(kept, Bytes("""{"id":"8","uri":"b"}""")).Span));
    }

    [Fact]
    public void Only_the_fields_that_the_rule_names_are_looked_at()
    {
        var kept = CachedOutput.Write(Bytes("""{"uri":"a","text":"T!"}"""), Bytes("""{"uri":"a","text":"T!"}"""), ["text"]);
        Assert.Equal("""{"uri":"a","text":"t"}""", Encoding.UTF8.GetString(CachedOutput.Read(kept, Bytes("""{"uri":"b","text":"t"}""")).Span));
    }

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
