using Millrace.Cli.Export;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Export;

public sealed class ResultsCsvTests
{
    [Fact]
    public async Task Columns_come_from_all_results_and_nested_values_have_dotted_names()
    {
        using var folder = new TemporaryFolder("csv");
        var (lines, csv) = (Path.Combine(folder.Path, "a.jsonl"), Path.Combine(folder.Path, "a.csv"));
        await File.WriteAllLinesAsync(lines,
        [
            """{"id":"1","workflow":"w","key":"k,1","status":"completed","result":{"keep":false}}""",
            """{"id":"2","workflow":"w","key":"k\"2","status":"completed","result":{"keep":true,"scores":{"TOXICITY":0.25},"embedding":[1,2],"tags":["a","b"],"status":"own"}}""",
            """{"id":"3","workflow":"w","key":"3","status":"failed","steps":[{"name":"a"},{"name":"b","error":{"type":"bad_text","message":"m"}}]}""",
        ]);

        await ResultsCsv.WriteAsync(lines, csv, CancellationToken.None);

        Assert.Equal(
        [
            "id,workflow,key,status,createdAt,updatedAt,error,errorStep,keep,scores.TOXICITY,tags,result.status",
            "1,w,\"k,1\",completed,,,,,false,,,",
            "2,w,\"k\"\"2\",completed,,,,,true,0.25,\"[\"\"a\"\",\"\"b\"\"]\",own",
            "3,w,3,failed,,,bad_text,b,,,,",
        ], await File.ReadAllLinesAsync(csv));
    }

    [Theory]
    [InlineData("\"=HYPERLINK(1)\"", "'=HYPERLINK(1)")]
    [InlineData("\"+1+1\"", "'+1+1")]
    [InlineData("\"-2+3\"", "'-2+3")]
    [InlineData("\"@SUM(A1)\"", "'@SUM(A1)")]
    [InlineData("\"\\t=1\"", "'\t=1")]
    [InlineData("\"a=1\"", "a=1")]
    [InlineData("-0.25", "-0.25")]
    [InlineData("-1e-7", "-1e-7")]
    [InlineData("\"-3\"", "-3")]
    public async Task What_a_spreadsheet_would_calculate_is_text_and_a_negative_number_is_a_number(string value, string cell)
    {
        using var folder = new TemporaryFolder("csv");
        var (lines, csv) = (Path.Combine(folder.Path, "a.jsonl"), Path.Combine(folder.Path, "a.csv"));
        await File.WriteAllLinesAsync(lines, ["""{"id":"1","workflow":"w","key":"k","status":"completed","result":{"score":VALUE}}""".Replace("VALUE", value, StringComparison.Ordinal)]);

        await ResultsCsv.WriteAsync(lines, csv, CancellationToken.None);

        Assert.Equal($"1,w,k,completed,,,,,{cell}", (await File.ReadAllLinesAsync(csv))[1]);
    }
}
