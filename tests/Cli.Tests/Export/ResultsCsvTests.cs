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
}
