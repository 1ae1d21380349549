using System.Text.Json;
using Microsoft.Playwright;

namespace Millrace.EndToEnd.Tests;

/// <summary>What a person sees and does on the page, in a real browser.</summary>
public sealed class PageTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    private const string Attack = AttackFixture.Attack;

    [Fact]
    public async Task The_main_path_leads_from_the_overview_to_one_request_and_its_timeline()
    {
        var id = await SubmitAsync("main path", "A quiet afternoon at the library.");
        await fixture.Manager.FinishedAsync(id);
        var page = await fixture.OpenAsync("overview");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Queues of the broker" })).ToContainTextAsync("enrich-post/classify");
        await Assertions.Expect(page.Locator("figure.chart")).ToHaveCountAsync(4);
        await PageFixture.ShootAsync(page, "overview");

        await page.GetByRole(AriaRole.Link, new() { Name = "Workflows" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "enrich-post" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.graph")).ToContainTextAsync("preprocess");
        await PageFixture.ShootAsync(page, "workflow");
        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).ClickAsync();
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("main path");
        await page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "main path" }).ClickAsync();

        await Assertions.Expect(page.Locator(".gantt")).ToContainTextAsync("classify");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("completed");
        await page.GetByText("Input of classify").ClickAsync();
        await Assertions.Expect(page.Locator("details", new() { HasText = "Input of classify" }).Locator("pre")).ToContainTextAsync("keep");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "log lines" }))
            .ToHaveAttributeAsync("href", SeqLink($"RequestId = '{id}'"));
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "trace" }))
            .ToHaveAttributeAsync("href", SeqLink($"@TraceId = '{id.Replace("-", "", StringComparison.Ordinal)}'"));
        await PageFixture.ShootAsync(page, "request");
    }

    [Fact]
    public async Task A_stuck_post_says_why_and_goes_on_once_its_step_is_resumed()
    {
        await fixture.Manager.PostAsync("api/workflows/enrich-post/steps/embed/pause");
        var id = await SubmitAsync("stuck", "This one waits for its embedding.");
        var page = await fixture.OpenAsync("requests/" + id);

        await Assertions.Expect(page.Locator(".why")).ToContainTextAsync("paused");
        await PageFixture.ShootAsync(page, "stuck");
        await page.GotoAsync(fixture.Suite.Url + "/#/workflows/enrich-post");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume embed" }).ClickAsync();

        Assert.Equal("completed", (await fixture.Manager.FinishedAsync(id))["status"]!.ToString());
    }

    [Fact]
    public async Task A_step_without_a_worker_says_so_and_failures_can_be_redriven_after_a_dry_run()
    {
        var waiting = (await fixture.Manager.SubmitAsync("shout-post", Post("lonely", "nobody listens")))[0];
        var page = await fixture.OpenAsync("requests/" + waiting);
        await Assertions.Expect(page.Locator(".why")).ToContainTextAsync("consumer");

        await fixture.Manager.FinishedAsync(waiting);
        await page.GotoAsync(fixture.Suite.Url + "/#/requests?workflow=shout-post&status=failed");
        await page.GetByRole(AriaRole.Button, new() { Name = "Redrive what matches" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "redrive them" }).ClickAsync();

        await Assertions.Expect(page.Locator(".bulk")).ToContainTextAsync("changed");
        await PageFixture.ShootAsync(page, "redrive");
    }

    [Fact]
    public async Task Whatever_a_post_holds_it_is_shown_as_text()
    {
        var id = (await fixture.Manager.SubmitAsync("enrich-post", JsonSerializer.Serialize(
            new { uri = Attack, text = Attack, langs = new[] { Attack }, author = new { handle = Attack, did = Attack }, createdAt = Attack, labels = new[] { Attack } })))[0];
        await fixture.Manager.FinishedAsync(id);
        var page = await fixture.OpenAsync("requests/" + id);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("<script>");
        foreach (var details in await page.Locator("details > summary").AllAsync())
            await details.ClickAsync();
        await PageFixture.ShootAsync(page, "escaped");

        Assert.Equal("Millrace", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("img[src=x]").CountAsync());
    }

    [Fact]
    public async Task A_planted_change_of_topic_is_shown_as_drift_with_the_posts_that_drive_it()
    {
        for (var i = 0; i < 500; i++)
        {
            var text = i < 250
                ? $"Walking along the river near mile {i}, the herons were out and the water was calm, day {i % 31}."
                : $"Interest rates and bond yields moved again: contract {i} closed {i % 13} basis points higher in heavy trading.";
            await fixture.Manager.SubmitAsync("enrich-post", Post($"drift {i}", text + " " + Convert.ToHexStringLower(BitConverter.GetBytes(i * 2654435761u))));
        }

        await Millrace.Testing.ManagerClient.EventuallyAsync(
            async () => (await fixture.Manager.GetAsync("api/drift"))["items"]!.AsArray().Any(item => (bool)item!["drifting"]!),
            TimeSpan.FromSeconds(60), async () => (await fixture.Manager.GetAsync("api/drift")).ToJsonString());
        var page = await fixture.OpenAsync("drift");
        await page.GetByRole(AriaRole.Link, new() { Name = "embedding@" }).First.ClickAsync();

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Drifting");
        await Assertions.Expect(page.Locator("img.drawing")).ToHaveCountAsync(2);
        await PageFixture.ShootAsync(page, "drift");
    }

    [Fact]
    public async Task It_works_by_keyboard_in_the_dark_and_on_a_phone_and_asks_nobody_else()
    {
        var foreign = new List<string>();
        var page = await fixture.OpenAsync("overview", new BrowserNewContextOptions { ColorScheme = ColorScheme.Dark, ViewportSize = new ViewportSize { Width = 390, Height = 800 } });
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(fixture.Suite.Url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                foreign.Add(request.Url);
        };
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Overview" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Requests", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Requests" })).ToBeVisibleAsync();
        var overflow = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");
        await PageFixture.ShootAsync(page, "phone-dark");

        Assert.False(overflow, "the page is wider than a phone");
        Assert.Empty(foreign);
    }

    [Fact]
    public async Task The_services_page_shows_every_check()
    {
        var page = await fixture.OpenAsync("services");

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("workflow-manager");
        await PageFixture.ShootAsync(page, "services");
    }

    /// <summary>As a browser writes it, which leaves apostrophes as they are.</summary>
    private static string SeqLink(string filter) =>
        $"{PageFixture.Seq}/#/events?filter={Uri.EscapeDataString(filter).Replace("%27", "'", StringComparison.Ordinal)}";

    private async Task<string> SubmitAsync(string key, string text) => (await fixture.Manager.SubmitAsync("enrich-post", Post(key, text)))[0];

    private static string Post(string key, string text) => JsonSerializer.Serialize(new { uri = key, text });
}
