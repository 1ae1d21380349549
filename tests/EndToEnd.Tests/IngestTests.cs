using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>A backfill as a user does it: files of several kinds, killed, gone on with, and reconciled.</summary>
public sealed class IngestTests(IngestFixture fixture) : IClassFixture<IngestFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Killed_again_and_again_it_goes_on_and_every_input_is_one_request_that_ended()
    {
        const int Waiting = 1_000;
        string[] files =
        [
            fixture.WriteLines("first.jsonl", "a", 0, 5_000), fixture.WriteTable("table.csv", "b", 1_500),
            fixture.WriteFeed("feed.json", "c", 500), fixture.WriteLines("again.jsonl", "a", 4_000, 4_000),
        ];
        string[] ingest = ["ingest", .. files, "--workflow", "sort-post", "--broker", fixture.Broker.Url, "--max-queued", $"{Waiting}"];
        await DeclareAsync();

        // Nobody takes posts, so the first run fills the room it is allowed and no more.
        await using (var first = MillraceProcess.Begin(ingest, fixture.Folder))
        {
            await ManagerClient.EventuallyAsync(() => Task.FromResult(first.Log.Contains("waiting", StringComparison.Ordinal)), Limit, () => Task.FromResult(first.Log));
            Assert.InRange((int)await fixture.QueuedAsync(), Waiting - 100, Waiting);
            Assert.False(first.HasExited);
            await first.KillAsync();
        }
        await using var suite = await fixture.ServeAsync();
        foreach (var point in (int[])[2_500, 5_500, 8_000])
            await KillAtAsync(ingest, point);
        var resumedAt = fixture.Done();
        var (code, output, error) = await MillraceProcess.RunAsync([.. ingest, "--follow", "--server", suite.Url, "--json"], fixture.Folder);

        Assert.True(code == 0, output + error);
        var summary = JsonNode.Parse(output)!;
        Assert.Equal(11_000, (int)summary["read"]!);
        Assert.Equal(resumedAt, (int)summary["resumed"]!);
        Assert.Equal(11_000 - resumedAt, (int)summary["sent"]!);
        Assert.Equal(0, fixture.Done());
        await AssertReconciledAsync(suite.Url, files, posts: 11_000, keys: 10_000);
    }

    [Fact]
    public async Task Standard_input_is_read_as_a_stream_and_a_dry_run_sends_nothing()
    {
        await using var suite = await fixture.ServeAsync();
        using var manager = new ManagerClient(suite.Url);
        var posts = string.Concat(Enumerable.Range(0, 250).Select(i => $$"""{"uri":"stdin:{{i}}","text":"A line from a pipe, number {{i}}"}""" + "\n"));
        string[] ingest = ["ingest", "-", "--workflow", "sort-post", "--to", suite.Url, "--json"];

        var (dryCode, dry, _) = await MillraceProcess.RunAsync([.. ingest, "--dry-run"], fixture.Folder, posts + "{broken\n");
        var before = await manager.GetAsync("api/requests?key=stdin:0");
        var (code, output, error) = await MillraceProcess.RunAsync([.. ingest, "--follow"], fixture.Folder, posts);

        Assert.Equal((1, 251, 1), (dryCode, (int)JsonNode.Parse(dry)!["read"]!, (int)JsonNode.Parse(dry)!["broken"]!));
        Assert.Empty(before["items"]!.AsArray());
        Assert.True(code == 0, output + error);
        Assert.Equal((250, 250), ((int)JsonNode.Parse(output)!["sent"]!, (int)JsonNode.Parse(output)!["completed"]!));
    }

    [Fact]
    public async Task An_estimate_made_before_is_corrected_by_what_is_measured()
    {
        await using var suite = await fixture.ServeAsync();
        var file = fixture.WriteLines("estimated.jsonl", "estimated", 0, 3_000);
        var (estimated, _, why) = await MillraceProcess.RunAsync(["estimate", file, "--sample", "20", "--json"], fixture.Folder);
        Assert.True(estimated == 0, why);

        var (code, _, progress) = await MillraceProcess.RunAsync(["ingest", file, "--workflow", "sort-post", "--broker", fixture.Broker.Url, "--follow", "--server", suite.Url], fixture.Folder);

        Assert.True(code == 0, progress);
        Assert.Matches(@"of 3,000 posts sent.*/s taken, done in \d+:\d\d \(all was estimated at \d+:\d\d\)", progress);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_said_so()
    {
        var file = fixture.WriteLines("nobody.jsonl", "nobody", 0, 3);

        var (code, _, error) = await MillraceProcess.RunAsync(["ingest", file, "--broker", "amqp://guest:secret@127.0.0.1:9"], fixture.Folder);

        Assert.Equal(1, code);
        Assert.Contains("127.0.0.1:9", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    /// <summary>A manager that has been there once leaves the exchange and its queue.</summary>
    private async Task DeclareAsync()
    {
        await using var suite = await fixture.ServeAsync();
        await suite.StopAsync();
    }

    private async Task KillAtAsync(string[] ingest, int point)
    {
        await using var run = MillraceProcess.Begin(ingest, fixture.Folder);
        await ManagerClient.EventuallyAsync(() => Task.FromResult(fixture.Done() >= point || run.HasExited), Limit, () => Task.FromResult($"{fixture.Done()} done: {run.Log}"));
        Assert.False(run.HasExited, run.Log);
        await run.KillAsync();
    }

    private async Task AssertReconciledAsync(string url, string[] files, int posts, int keys)
    {
        var folder = Path.Combine(fixture.Folder, "out");
        var (code, output, error) = await MillraceProcess.RunAsync(
            ["export", folder, "--workflow", "sort-post", "--inputs", .. files, "--server", url, "--json"], fixture.Folder);

        Assert.True(code == 0, output + error);
        var ledger = JsonNode.Parse(output)!["reconciliation"]!;
        Assert.Equal((posts, keys, keys, 0), ((int)ledger["posts"]!, (int)ledger["inputs"]!, (int)ledger["completed"]!, (int)ledger["missing"]!));
        var views = (await File.ReadAllLinesAsync(Path.Combine(folder, "results.jsonl"))).Select(line => JsonNode.Parse(line)!).ToArray();
        var prefixes = views.GroupBy(view => view["key"]!.ToString().Split(':')[0]).ToDictionary(group => group.Key, group => group.Select(view => view["key"]!.ToString()).Distinct().Count());
        Assert.Equal((8_000, 1_500, 500), (prefixes["a"], prefixes["b"], prefixes["c"]));
        Assert.All(views, view => Assert.Equal(1, (int)view["steps"]![0]!["attempt"]!));
    }
}
