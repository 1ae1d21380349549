using System.Diagnostics;

namespace Millrace.Chaos.Tests;

/// <summary>Whatever is killed, cut or paused: every published request ends exactly once, its result is published, and nothing lies unexplained.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public Task One_manager_on_SQLite_loses_nothing() => RunAllAsync(StoreKind.Sqlite);

    [Fact]
    public Task Two_managers_on_PostgreSQL_lose_nothing() => RunAllAsync(StoreKind.Postgres);

    private async Task RunAllAsync(StoreKind kind)
    {
        var watch = Stopwatch.StartNew();
        for (var run = 0; run < ChaosSettings.Runs || watch.Elapsed.TotalMinutes < ChaosSettings.Minutes / 2.0; run++)
        {
            var seed = ChaosSettings.Seed + run;
            var started = watch.Elapsed;
            await using var chaos = new ChaosRun(seed, kind, Say);
            await chaos.RunAsync(TestContext.Current.CancellationToken);
            Say($"{seed}: {kind} settled, {(watch.Elapsed - started).TotalSeconds:0} s");
        }
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        if (ChaosSettings.Runs > 1 || ChaosSettings.Minutes > 0)
            Console.Error.WriteLine(line);
    }
}
