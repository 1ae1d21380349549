using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Asks a manager for the first page of requests in every way in which the page of the browser does.</summary>
internal sealed class FirstPageProbe(Uri manager)
{
    private const int Times = 40;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(2);

    public async Task<IReadOnlyList<FirstPage>> MeasureAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = manager };
        var pages = new List<FirstPage>();
        await WarmAsync(client, cancellationToken);
        foreach (var query in Queries(clock.GetUtcNow()))
            pages.Add(await MeasureAsync(client, query, cancellationToken));
        return pages;
    }

    private static IEnumerable<string> Queries(DateTimeOffset now)
    {
        var window = $"from={Text(now.AddDays(-15))}&before={Text(now.AddDays(-14.9))}";
        var workflow = $"workflow={StoreFill.NameOf(1)}";
        return
        [
            "", workflow, "status=failed", "status=running", $"{workflow}&status=completed", "error=bad_input", "step=second",
            $"{workflow}&step=second&error=bad_input", window, $"{workflow}&{window}", $"status=cancelled&{window}", $"error=refused&{window}",
            $"key={Uri.EscapeDataString(StoreFill.KeyOf(1_234))}", "status=failed&error=bad_input",
        ];
    }

    /// <summary>The code that answers is compiled on its first uses.</summary>
    private static async Task WarmAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Warm)
            await client.GetByteArrayAsync("api/requests", cancellationToken);
    }

    private static async Task<FirstPage> MeasureAsync(HttpClient client, string query, CancellationToken cancellationToken)
    {
        var (milliseconds, items) = (new double[Times], 0);
        for (var time = 0; time < Times; time++)
        {
            var started = Stopwatch.GetTimestamp();
            var body = await client.GetByteArrayAsync("api/requests?" + query, cancellationToken);
            milliseconds[time] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            using var page = JsonDocument.Parse(body);
            items = page.RootElement.GetProperty("items").GetArrayLength();
        }
        return new FirstPage(query, items, Spread.Of(milliseconds)!);
    }

    private static string Text(DateTimeOffset time) => Uri.EscapeDataString(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
}
