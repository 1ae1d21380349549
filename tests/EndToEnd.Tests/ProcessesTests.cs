using System.Net;
using Microsoft.Playwright;

namespace Millrace.EndToEnd.Tests;

/// <summary>The manager's page and routes show services that run in processes of their own, to callers with a key.</summary>
public sealed class ProcessesTests(ProcessesFixture processes) : IClassFixture<ProcessesFixture>
{
    [Fact]
    public async Task Drift_is_read_and_commanded_through_the_manager_as_the_callers_key_allows()
    {
        using var reader = processes.ClientWith(processes.Reader);
        using var nobody = processes.ClientWith(null);
        using var boss = processes.ClientWith(processes.Operator);

        Assert.Empty((await reader.GetAsync("api/drift"))["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.Unauthorized, (await nobody.TryGetAsync("api/drift")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.PostAsync("api/drift/embedding/reference")).Status);
        var (status, problem) = await boss.PostAsync("api/drift/embedding/reference");
        Assert.Equal((HttpStatusCode.NotFound, "urn:millrace:unknown-detector"), (status, problem!["type"]!.ToString()));
        Assert.Equal("urn:millrace:service-not-configured", (await reader.TryGetAsync("api/classifier")).Body!["type"]!.ToString());
        var services = (await reader.GetAsync("api/services"))["items"]!.AsArray();
        Assert.Equal(["workflow-manager", "drift-monitor"], services.Select(service => service!["name"]!.ToString()));
        Assert.All(services, service => Assert.StartsWith("0.", service!["version"]!.ToString()));
    }

    [Fact]
    public async Task Signed_in_with_a_key_the_page_shows_drift_and_opens_the_endpoints_of_both_processes()
    {
        await using var browser = await Chromium.StartAsync();
        var page = await browser.OpenAsync(processes.Url + "/#/drift");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Sign in");

        await page.GetByLabel("API key").FillAsync(processes.Reader);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("No vectors have been seen yet");

        await page.GetByRole(AriaRole.Link, new() { Name = "Services" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "/api/services/drift-monitor/api/drift", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("pre")).ToContainTextAsync("\"items\":[]");
        await page.GetByRole(AriaRole.Button, new() { Name = "/api/counts", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("h2 code")).ToHaveTextAsync("/api/counts");
        await Assertions.Expect(page.Locator("pre")).ToContainTextAsync("items");

        await page.GetByRole(AriaRole.Link, new() { Name = "Classifier" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("no address of it is configured");
    }
}
