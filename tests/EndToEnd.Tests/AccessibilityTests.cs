using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Millrace.EndToEnd.Tests.Foreign;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The page for those who see it otherwise or use no mouse: axe-core over every view, and the main path by keyboard.</summary>
public sealed class AccessibilityTests(PageFixture fixture) : IClassFixture<PageFixture>
{
    private const string Check = """
        async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
          .filter(found => found.impact === "serious" || found.impact === "critical")
          .map(found => `${found.impact} ${found.id}: ${found.nodes.map(node => node.target.join(" ")).join(", ")}`)
        """;

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Axe_finds_nothing_serious_or_critical_in_any_view(ColorScheme colours, int width)
    {
        await NodePackages.InstallAsync();
        var axe = await File.ReadAllTextAsync(Path.Combine(NodePackages.Folder, "node_modules", "axe-core", "axe.min.js"));
        var found = new List<string>();
        foreach (var path in await ViewsAsync())
        {
            var page = await fixture.OpenAsync(
                path, new BrowserNewContextOptions { ColorScheme = colours, ViewportSize = new ViewportSize { Width = width, Height = 800 } });
            await Assertions.Expect(page.Locator("h1")).ToBeVisibleAsync();
            await Assertions.Expect(page.Locator("[aria-busy]")).ToHaveCountAsync(0);
            await page.EvaluateAsync(axe);
            found.AddRange((await page.EvaluateAsync<string[]>(Check)).Select(fault => $"{path}: {fault}"));
            if (await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
                found.Add($"{path}: wider than the window");
            await page.Context.DisposeAsync();
        }

        Assert.Empty(found);
    }

    [Fact]
    public async Task By_keyboard_alone_a_failed_request_is_opened_and_redriven_after_a_dry_run()
    {
        var id = await FailAsync("by keyboard");
        var page = await fixture.OpenAsync("requests?workflow=shout-post&key=by+keyboard");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("failed");

        await TabToAsync(page, "by keyboard");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".why")).ToContainTextAsync("timeout");
        await page.GoBackAsync();
        await TabToAsync(page, "Redrive what matches …");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".bulk")).ToContainTextAsync("1 request would be touched");
        Assert.Equal("failed", (await fixture.Manager.GetAsync("api/requests/" + id))["status"]!.ToString());
        await TabToAsync(page, "redrive them");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator(".bulk")).ToContainTextAsync("1 of 1 changed");
    }

    private async Task<string[]> ViewsAsync()
    {
        var done = await SubmitAsync("enrich-post", "axe done");
        await fixture.Manager.FinishedAsync(done);
        var failed = await FailAsync("axe failed");
        var waiting = await SubmitAsync("shout-post", "axe waiting");
        JsonArray detectors = [];
        await ManagerClient.EventuallyAsync(
            async () => (detectors = (await fixture.Manager.GetAsync("api/drift"))["items"]!.AsArray()).Count > 0,
            TimeSpan.FromSeconds(60), () => Task.FromResult("no detector has seen a vector"));
        return
        [
            "overview", "workflows", "workflows/enrich-post", "requests", "requests/" + done, "requests/" + failed, "requests/" + waiting,
            "dead-letters", "classifier", "drift", "drift/" + Uri.EscapeDataString(detectors[0]!["name"]!.ToString()), "services",
        ];
    }

    private async Task<string> FailAsync(string key)
    {
        var id = await SubmitAsync("shout-post", key);
        Assert.Equal("failed", (await fixture.Manager.FinishedAsync(id))["status"]!.ToString());
        return id;
    }

    private async Task<string> SubmitAsync(string workflow, string key) =>
        (await fixture.Manager.SubmitAsync(workflow, JsonSerializer.Serialize(new { uri = key, text = "A quiet afternoon at the library." })))[0];

    /// <summary>Presses Tab until what has the focus reads so; no more often than a patient person would.</summary>
    private static async Task TabToAsync(IPage page, string text)
    {
        for (var presses = 0; presses < 60; presses++)
        {
            if (await page.EvaluateAsync<string>("document.activeElement.innerText ?? ''") == text)
                return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"Tab does not lead to '{text}'.");
    }
}
