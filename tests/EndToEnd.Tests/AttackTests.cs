using Microsoft.Playwright;

namespace Millrace.EndToEnd.Tests;

/// <summary>Whoever fills in whatever: the page shows it as text. Each view is judged once the text stands in it.</summary>
public sealed class AttackTests(AttackFixture attacked) : IClassFixture<AttackFixture>
{
    [Fact]
    public async Task Posts_errors_pauses_and_dead_letters_are_shown_as_text_in_every_view()
    {
        const string Attack = AttackFixture.Attack;
        const string Workflow = AttackFixture.Workflow;
        await using var browser = await Chromium.StartAsync();
        var page = await browser.OpenAsync(attacked.Url + "/#/requests");
        await page.GetByLabel("API key").FillAsync(attacked.Key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();

        await ExpectAsync(page, "requests", [Attack, Attack + "held"]);
        await ExpectAsync(page, "requests?key=" + Uri.EscapeDataString(Attack), [Attack]);
        await ExpectAsync(page, "requests/" + attacked.Failed, [$"{Attack}: No: {Attack}", "Input of work"]);
        await Assertions.Expect(page.Locator("details", new() { HasText = "Input of work" }).Locator("pre")).ToContainTextAsync("<script>");
        await ExpectAsync(page, "requests/" + attacked.Held, [$"paused by {Attack}"]);
        await ExpectAsync(page, "overview", [$"{Workflow} is paused by {Attack}", $"step work is paused by {Attack}", "1 dead letter", Attack + Workflow + "work" + Attack]);
        await ExpectAsync(page, "workflows", [$"by {Attack}"]);
        await ExpectAsync(page, "workflows/" + Workflow, [$"Resume {Workflow} (paused by {Attack})", $"Resume work (paused by {Attack})"]);
        await ExpectAsync(page, "workflows/" + Uri.EscapeDataString(Attack), [Attack]);
        await ExpectAsync(page, "dead-letters", [$"bad: {Attack}", "The first 1 of 1 in the queue", $"{Attack} {Attack}", $"body: {Attack}"]);
    }

    private async Task ExpectAsync(IPage page, string path, string[] texts)
    {
        await page.GotoAsync($"{attacked.Url}/#/{path}");
        var main = page.Locator("main");
        await Assertions.Expect(main).ToContainTextAsync(texts[0]);
        foreach (var summary in await main.Locator("details > summary").AllAsync())
            await summary.ClickAsync();
        foreach (var text in texts)
            await Assertions.Expect(main).ToContainTextAsync(text);
        Assert.Equal("Millrace", await page.TitleAsync());
        Assert.Equal(0, await main.Locator("img, script").CountAsync());
    }
}
