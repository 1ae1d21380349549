using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Tutorial;

/// <summary>The tutorial as a reader walks it: its workflow, its question why, its workers, its commands.</summary>
public sealed class TutorialTests(TutorialFixture tutorial) : IClassFixture<TutorialFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("python")]
    [InlineData("js")]
    [InlineData("csharp")]
    public async Task Posts_wait_for_a_worker_and_its_answer_decides_what_is_embedded(string language)
    {
        var posts = new[]
        {
            JsonSerializer.Serialize(new { uri = language + " wanted", text = "The quick brown fox jumps over the lazy dog near the river bank." }),
            JsonSerializer.Serialize(new { uri = language + " other", text = "これは日本語で書かれた短い文章です。今日はとても良い天気ですね。" }),
        };
        var file = Path.Combine(tutorial.Folder, language + ".jsonl");
        await File.WriteAllLinesAsync(file, posts);

        var (code, output, error) = await MillraceProcess.RunAsync(
            ["ingest", file, "--workflow", "filtered-post", "--broker", tutorial.Broker.Url, "--json"], tutorial.Folder);

        Assert.True(code == 0, output + error);
        var ids = await IdsAsync(language);
        await AssertWaitsForConsumerAsync(ids[0]);
        await using var worker = await TutorialWorkers.StartAsync(language, tutorial.Broker, tutorial.Folder);
        var (wanted, other) = (await FinishedAsync(ids[0], worker), await FinishedAsync(ids[1], worker));
        Assert.Equal(("completed", "completed"), (StatusOf(wanted, "language-filter"), StatusOf(wanted, "embed")));
        Assert.Equal(("completed", "skipped"), (StatusOf(other, "language-filter"), StatusOf(other, "embed")));
    }

    [Fact]
    public async Task The_page_s_workflow_is_valid()
    {
        var (code, output, error) = await MillraceProcess.RunAsync(["validate", tutorial.WorkflowFile]);

        Assert.True(code == 0, output + error);
    }

    private async Task<string[]> IdsAsync(string language)
    {
        string[] ids = [];
        await ManagerClient.EventuallyAsync(
            async () =>
            {
                ids = [await IdAsync(language + " wanted"), await IdAsync(language + " other")];
                return ids.All(id => id.Length > 0);
            },
            Limit, () => Task.FromResult(string.Join(", ", ids)));
        return ids;
    }

    private async Task<string> IdAsync(string key) =>
        (await tutorial.Manager.GetAsync("api/requests?key=" + Uri.EscapeDataString(key)))["items"]!.AsArray().FirstOrDefault()?["id"]?.ToString() ?? "";

    private async Task AssertWaitsForConsumerAsync(string id)
    {
        var output = "";
        await ManagerClient.EventuallyAsync(
            async () =>
            {
                var (_, told, error) = await MillraceProcess.RunAsync(["status", id, "--server", tutorial.Manager.Http.BaseAddress!.ToString(), "--json"]);
                output = told + error;
                return output.Contains("\"no_consumer\"", StringComparison.Ordinal);
            },
            Limit, () => Task.FromResult(output));
    }

    private Task<JsonNode> FinishedAsync(string id, WorkerProcess worker) => tutorial.Manager.FinishedAsync(id, Limit, () => worker.Log);

    private static string? StatusOf(JsonNode request, string step) =>
        request["steps"]!.AsArray().Single(row => row!["name"]!.ToString() == step)!["status"]?.ToString();
}
