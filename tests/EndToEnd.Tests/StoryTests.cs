using System.Text.Json;
using Microsoft.Playwright;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The story of a bad day as a person lives it on the page alone, with a real broker, a real worker and a real browser.</summary>
public sealed class StoryTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("story");
    private RabbitMqNode _broker = null!;
    private MillraceProcess _suite = null!;
    private ManagerClient _manager = null!;
    private Chromium _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqNode.StartAsync();
        var workflows = Directory.CreateDirectory(Path.Combine(_folder.Path, "workflows")).FullName;
        File.Copy(Path.Combine(Repository.Infra, "workflows", "enrich-post.yaml"), Path.Combine(workflows, "enrich-post.yaml"));
        foreach (var file in (string[])["shout.yaml", "patient.yaml"])
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Workflows", file), Path.Combine(workflows, file));
        _suite = await MillraceProcess.ServeAsync(
            "up", "--broker", _broker.Url, "--store", "sqlite:" + Path.Combine(_folder.Path, "story.db"), "--workflows", workflows,
            "--set", "Drift:ReferencePosts=100", "--set", "Drift:WindowPosts=100", "--set", "Drift:TestEveryPosts=50");
        _manager = new ManagerClient(_suite.Url);
        _browser = await Chromium.StartAsync();
    }

    [Fact]
    public async Task A_stopped_worker_is_found_and_started_again_failures_are_redriven_and_drift_is_seen()
    {
        await using (StartWorker())
            Assert.Equal("completed", await EndOfAsync(await SubmitAsync("patient-post", "before the bad day")));
        var stuck = await SubmitAsync("patient-post", "stuck post");
        var failed = await SubmitAsync("shout-post", "failed post");
        Assert.Equal("failed", await EndOfAsync(failed));

        var page = await _browser.OpenAsync(_suite.Url + "/#/overview");
        await SeesWhyAsync(page);
        await using var worker = StartWorker();
        await Assertions.Expect(page.Locator(".facts .status")).ToHaveTextAsync("completed");
        Assert.Equal("completed", await EndOfAsync(stuck));

        await RedrivesAsync(page);
        Assert.Equal("completed", await EndOfAsync(failed));

        await PlantDriftAsync();
        await SeesDriftAsync(page);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _manager?.Dispose();
        if (_suite is not null)
            await _suite.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task SeesWhyAsync(IPage page)
    {
        await Assertions.Expect(page.Locator(".attention")).ToContainTextAsync("no worker runs for step shout");
        await PageFixture.ShootAsync(page, "story-overview");
        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "stuck post" }).ClickAsync();
        await Assertions.Expect(page.Locator(".why")).ToContainTextAsync("no worker is running");
        await PageFixture.ShootAsync(page, "story-stuck");
    }

    private async Task RedrivesAsync(IPage page)
    {
        await page.GotoAsync(_suite.Url + "/#/requests?workflow=shout-post&status=failed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Redrive what matches" }).ClickAsync();
        await Assertions.Expect(page.Locator(".bulk")).ToContainTextAsync("1 request would be touched");
        await page.GetByRole(AriaRole.Button, new() { Name = "redrive them" }).ClickAsync();
        await Assertions.Expect(page.Locator(".bulk")).ToContainTextAsync("1 of 1 changed");
    }

    private async Task SeesDriftAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Posts drift: embedding@" }).ClickAsync(new() { Timeout = 90_000 });
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Drifting");
        await Assertions.Expect(page.Locator("img.drawing")).ToHaveCountAsync(2);
        await PageFixture.ShootAsync(page, "story-drift");
    }

    private async Task PlantDriftAsync()
    {
        var posts = Enumerable.Range(0, 500).Select(i => new
        {
            uri = $"drift {i}",
            text = (i < 250
                ? $"Walking along the river near mile {i}, the herons were out and the water was calm, day {i % 31}."
                : $"Interest rates and bond yields moved again: contract {i} closed {i % 13} basis points higher in heavy trading.")
                + " " + Convert.ToHexStringLower(BitConverter.GetBytes(i * 2654435761u)),
        });
        foreach (var part in posts.Chunk(50))
        {
            // One part after the other, so that the order of the topics is the order of the posts.
            var ids = await _manager.SubmitAsync("enrich-post", JsonSerializer.Serialize(part));
            foreach (var id in ids)
                await _manager.FinishedAsync(id);
        }
    }

    private WorkerProcess StartWorker() =>
        WorkerProcess.Start("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Workers", "shout.py"), _broker.Url]);

    private async Task<string> SubmitAsync(string workflow, string key) =>
        (await _manager.SubmitAsync(workflow, JsonSerializer.Serialize(new { uri = key, text = key })))[0];

    private async Task<string> EndOfAsync(string id) => (await _manager.FinishedAsync(id))["status"]!.ToString();
}
