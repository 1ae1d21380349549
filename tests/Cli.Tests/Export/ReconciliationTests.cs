using Millrace.Cli.Export;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Export;

public sealed class ReconciliationTests
{
    [Fact]
    public async Task Every_input_is_counted_once_under_what_became_of_it()
    {
        using var folder = new TemporaryFolder("ledger");
        var file = Path.Combine(folder.Path, "a.jsonl");
        await File.WriteAllLinesAsync(file,
        [
            """{"post":{"id":"done"}}""", """{"post":{"id":"done"}}""", """{"post":{"id":7}}""", """{"post":{"id":"lost"}}""",
            """{"post":{"id":"open"}}""", """{"post":{}}""", "{broken",
        ]);
        var statuses = new Dictionary<string, string> { ["done"] = "completed", ["7"] = "cancelled", ["open"] = "running", ["another"] = "completed" };

        var ledger = await Reconciliation.OfAsync([file], "post.id", statuses, CancellationToken.None);

        Assert.Equal((7, 4, 2), (ledger.Posts, ledger.Inputs, ledger.Unkeyed));
        Assert.Equal((1, 1, 1, 1), (ledger.Completed, ledger.Failed, ledger.Open, ledger.Missing));
        Assert.Equal("lost", Assert.Single(ledger.MissingKeys));
    }
}
