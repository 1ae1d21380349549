using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Millrace.Testing;

namespace Millrace.Infra.Tests;

/// <summary>What the import script sends to a Seq server, in the shape that Seq's HTTP API takes.</summary>
public sealed class SeqImportTests
{
    private const string Key = "key-of-this-test";

    [Fact]
    public async Task Signals_and_charts_with_measurements_are_sent_with_the_key()
    {
        using var seq = new HttpListener();
        var url = $"http://127.0.0.1:{FreePorts.Take(1)[0]}/";
        seq.Prefixes.Add(url);
        seq.Start();
        var receiving = ReceiveAsync(seq);

        using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Manifests.Root, "infra/seq/import.sh"), url, Key]))!;
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        seq.Stop();
        var sent = await receiving;

        Assert.Equal(0, script.ExitCode);
        Assert.All(sent, call => Assert.Equal(Key, call.Key));
        Assert.Contains(sent, call => call.Path == "/api/signals/");
        Assert.All(sent.Where(call => call.Path == "/api/signals/"), call => Assert.NotEqual("", call.Body.GetProperty("Filters")[0].GetProperty("Filter").GetString()));
        var dashboard = Assert.Single(sent, call => call.Path == "/api/dashboards/").Body;
        Assert.All(dashboard.GetProperty("Charts").EnumerateArray(), chart =>
        {
            var query = Assert.Single(chart.GetProperty("Queries").EnumerateArray());
            Assert.Contains("(", query.GetProperty("Measurements")[0].GetProperty("Value").GetString(), StringComparison.Ordinal);
            Assert.Equal(1, query.GetProperty("GroupBy").GetArrayLength());
        });
    }

    private static async Task<List<(string Path, string? Key, JsonElement Body)>> ReceiveAsync(HttpListener seq)
    {
        var sent = new List<(string, string?, JsonElement)>();
        try
        {
            while (true)
            {
                var call = await seq.GetContextAsync();
                var body = await JsonDocument.ParseAsync(call.Request.InputStream);
                sent.Add((call.Request.Url!.AbsolutePath, call.Request.Headers["X-Seq-ApiKey"], body.RootElement));
                call.Response.StatusCode = 201;
                call.Response.Close();
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            return sent;
        }
    }
}
