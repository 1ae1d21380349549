using System.Text;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>What <c>millrace plan</c> compares with, and what it says of running requests.</summary>
public sealed class PlanTests
{
    private const string InForce = "workflows: [ { name: w, key: uri, steps: [ { name: a, queue: nobody } ] } ]";

    [Fact]
    public async Task A_change_is_compared_with_what_the_manager_has_in_force()
    {
        using var folder = new TemporaryFolder("plan");
        var workflows = Directory.CreateDirectory(Path.Combine(folder.Path, "workflows")).FullName;
        await File.WriteAllTextAsync(Path.Combine(workflows, "w.yaml"), InForce);
        var changed = Path.Combine(folder.Path, "w.yaml");
        await File.WriteAllTextAsync(changed, InForce.Replace("queue: nobody", "queue: nobody, timeout: 5s", StringComparison.Ordinal));
        await using var suite = await MillraceProcess.ServeAsync("up", "--broker", "memory:", "--store", "memory:", "--workflows", workflows, "--log-level", "Warning");
        using (var http = new HttpClient())
            (await http.PostAsync($"{suite.Url}/api/workflows/w/requests", new StringContent("""{"uri":"x"}""", Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();

        var (code, output, error) = await MillraceProcess.RunAsync(["plan", changed, "--server", suite.Url], folder.Path);

        Assert.True(code == 0, output + error);
        Assert.Contains("step a: timeout: none -> 5s", output, StringComparison.Ordinal);
        Assert.Contains("1 running requests keep the version that they began with", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_manager_a_folder_is_compared_with_and_its_mistakes_are_told()
    {
        using var folder = new TemporaryFolder("plan");
        var (now, broken) = (Path.Combine(folder.Path, "now.yaml"), Path.Combine(folder.Path, "broken.yaml"));
        await File.WriteAllTextAsync(now, InForce);
        await File.WriteAllTextAsync(broken, "workflows: nonsense");

        var (same, output, progress) = await MillraceProcess.RunAsync(["plan", now, "--against", now, "--server", "http://127.0.0.1:9"], folder.Path);
        var (failed, _, error) = await MillraceProcess.RunAsync(["plan", now, "--against", broken, "--server", "http://127.0.0.1:9"], folder.Path);

        Assert.Equal((0, 1), (same, failed));
        Assert.Contains("Nothing changes", output, StringComparison.Ordinal);
        Assert.Contains("running requests are not counted", progress, StringComparison.Ordinal);
        Assert.Contains("broken.yaml", error, StringComparison.Ordinal);
    }
}
