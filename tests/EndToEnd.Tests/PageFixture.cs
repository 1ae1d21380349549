using Microsoft.Playwright;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>The suite in memory with a page in Debian's Chromium. Pictures of what was seen lie in artifacts/screenshots.</summary>
public sealed class PageFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("page");

    /// <summary>Where the page thinks that Seq is; nothing is sent there.</summary>
    public const string Seq = "https://seq.example.org";

    public MillraceProcess Suite { get; private set; } = null!;

    public ManagerClient Manager { get; private set; } = null!;

    public Chromium Browser { get; private set; } = null!;

    public static string Screenshots { get; } = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "screenshots")).FullName;

    public async ValueTask InitializeAsync()
    {
        var workflows = Directory.CreateDirectory(Path.Combine(_folder.Path, "workflows")).FullName;
        File.Copy(Path.Combine(Repository.Infra, "workflows", "enrich-post.yaml"), Path.Combine(workflows, "enrich-post.yaml"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Workflows", "shout.yaml"), Path.Combine(workflows, "shout.yaml"));
        Suite = await MillraceProcess.ServeAsync(
            "up", "--broker", "memory:", "--store", "sqlite:" + Path.Combine(_folder.Path, "page.db"), "--workflows", workflows,
            "--set", "Manager:SeqPageUrl=" + Seq, "--set", "Drift:ReferencePosts=100", "--set", "Drift:WindowPosts=100", "--set", "Drift:TestEveryPosts=50");
        Manager = new ManagerClient(Suite.Url);
        Browser = await Chromium.StartAsync();
    }

    public Task<IPage> OpenAsync(string path, BrowserNewContextOptions? options = null) => Browser.OpenAsync(Suite.Url + "/#/" + path, options);

    public static Task ShootAsync(IPage page, string name) => page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Screenshots, name + ".png"), FullPage = true });

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        Manager?.Dispose();
        if (Suite is not null)
            await Suite.DisposeAsync();
        _folder.Dispose();
    }
}
