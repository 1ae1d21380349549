using Millrace.Cli.Ingest;
using Millrace.Cli.Posts;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Ingest;

public sealed class IngestRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("ingest-run");

    [Fact]
    public async Task An_interrupted_run_goes_on_after_the_last_group_that_was_taken()
    {
        var file = Write("posts.jsonl", Enumerable.Range(0, 1_050));
        var broken = new MemoryTarget(breakAfter: 500);
        await Assert.ThrowsAsync<IngestException>(() => RunAsync(broken, file));

        var rest = new MemoryTarget();
        var summary = await RunAsync(rest, file);

        Assert.Equal(500, summary.Resumed);
        Assert.Equal(550, summary.Sent);
        Assert.Equal(Enumerable.Range(0, 1_050).Select(Post), [.. broken.Taken, .. rest.Taken]);
    }

    [Fact]
    public async Task A_finished_run_is_forgotten_so_that_the_next_one_begins_at_the_start()
    {
        var file = Write("posts.jsonl", Enumerable.Range(0, 250));
        await RunAsync(new MemoryTarget(), file);

        var summary = await RunAsync(new MemoryTarget(), file);

        Assert.Equal((0, 250), (summary.Resumed, summary.Sent));
    }

    [Fact]
    public async Task Other_posts_behind_the_same_name_are_not_taken_for_those_that_were_sent()
    {
        var file = Write("posts.jsonl", Enumerable.Range(0, 300));
        var written = File.GetLastWriteTimeUtc(file);
        await Assert.ThrowsAsync<IngestException>(() => RunAsync(new MemoryTarget(breakAfter: 100), file));
        Write("posts.jsonl", Enumerable.Range(0, 300).Reverse());
        File.SetLastWriteTimeUtc(file, written);

        var target = new MemoryTarget();
        var error = await Assert.ThrowsAsync<PostFileException>(() => RunAsync(target, file));
        var summary = await RunAsync(target, file, restart: true);

        Assert.Contains("--restart", error.Message, StringComparison.Ordinal);
        Assert.Equal(300, summary.Sent);
    }

    [Fact]
    public async Task A_refused_post_is_told_with_its_place_and_costs_only_itself()
    {
        var file = Write("posts.jsonl", Enumerable.Range(0, 150));
        File.AppendAllText(file, "{\"uri\":\"refuse\"}\n");

        var summary = await RunAsync(new MemoryTarget(), file);

        Assert.Equal((150, 1), (summary.Sent, summary.RefusedCount));
        Assert.Equal($"{file}:151: asked to", Assert.Single(summary.Refused));
    }

    [Fact]
    public async Task A_checkpoint_that_a_power_failure_emptied_begins_again()
    {
        var file = Write("posts.jsonl", Enumerable.Range(0, 200));
        await Assert.ThrowsAsync<IngestException>(() => RunAsync(new MemoryTarget(breakAfter: 100), file));
        foreach (var saved in Directory.GetFiles(_folder.Path, "ingest-*.json"))
            File.WriteAllText(saved, "");

        Assert.Equal(200, (await RunAsync(new MemoryTarget(), file)).Sent);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<IngestSummary> RunAsync(MemoryTarget target, string file, bool restart = false)
    {
        var checkpoint = IngestCheckpoint.Open(_folder.Path, [file], "enrich-post", target.Description, restart);
        var room = new IngestRoom(target, maxWaiting: 1_000, TimeProvider.System);
        return await new IngestRun([file], target, checkpoint, room, total: null, expected: null, TimeProvider.System).RunAsync(_ => { }, CancellationToken.None);
    }

    private string Write(string name, IEnumerable<int> numbers)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllLines(path, numbers.Select(Post));
        return path;
    }

    private static string Post(int number) => $$"""{"uri":"run:{{number}}","text":"post {{number}}"}""";
}
