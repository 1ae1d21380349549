using Microsoft.Playwright;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The suite in memory with a page in Debian's Chromium. Pictures of what was seen lie in artifacts/screenshots.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly TemporaryFolder _folder = new("page");
    private IPlaywright _playwright = null!;

    public MillraceProcess Suite { get; private set; } = null!;

    public ManagerClient Manager { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    public static string Screenshots { get; } = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "screenshots")).FullName;

    public async ValueTask InitializeAsync()
    {
        var workflows = Directory.CreateDirectory(Path.Combine(_folder.Path, "workflows")).FullName;
        File.Copy(Path.Combine(Repository.Infra, "workflows", "enrich-post.yaml"), Path.Combine(workflows, "enrich-post.yaml"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Workflows", "shout.yaml"), Path.Combine(workflows, "shout.yaml"));
        Suite = await MillraceProcess.ServeAsync(
            "up", "--broker", "memory:", "--store", "sqlite:" + Path.Combine(_folder.Path, "page.db"), "--workflows", workflows,
            "--set", "Drift:ReferencePosts=100", "--set", "Drift:WindowPosts=100", "--set", "Drift:TestEveryPosts=50");
        Manager = new ManagerClient(Suite.Url);
        _playwright = await Playwright.CreateAsync();
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task<IPage> OpenAsync(string path, BrowserNewContextOptions? options = null)
    {
        var context = await Browser.NewContextAsync(options ?? new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(20_000);
        await page.GotoAsync(Suite.Url + "/#/" + path);
        return page;
    }

    public static Task ShootAsync(IPage page, string name) => page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, name + ".png"), FullPage = true });

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        _playwright?.Dispose();
        Manager?.Dispose();
        if (Suite is not null)
            await Suite.DisposeAsync();
        _folder.Dispose();
    }
}
