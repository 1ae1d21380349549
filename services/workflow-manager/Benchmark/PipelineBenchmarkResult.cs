namespace Millrace.WorkflowManager.Benchmark;

/// <summary>What came of a run.</summary>
/// <param name="Stored">Requests in the store before it.</param>
/// <param name="RequestsPerSecond">From the first publish until the last request was saved as completed.</param>
/// <param name="RawMessagesPerSecond">Plain RabbitMQ.Client, persistent, confirmed, consumed and acknowledged; null on a bus in memory.</param>
/// <param name="RawSync">Small writes to a file beside the store, each waiting for the disk; null where the store is no file.</param>
/// <param name="RawWake">How much too late a thread that only slept was woken meanwhile; null without a rate.</param>
/// <param name="Latency">From the moment a request was due to be published until its result came; null without a rate.</param>
/// <param name="LatencyAfterWarmUp">The same without the requests of the first seconds.</param>
/// <param name="Lost">Requests that did not complete.</param>
/// <param name="Duplicated">Items that workers got more than once.</param>
/// <param name="Commit">Transactions of the store, by the manager's clock; null where managers are processes of their own.</param>
/// <param name="CommitSeconds">Their sum.</param>
/// <param name="Processes">What each process used of CPU and memory during the run.</param>
/// <param name="FirstPages">How long <c>GET /api/requests</c> took for its first page; empty without a manager that has an API.</param>
public sealed record PipelineBenchmarkResult(
    int Requests,
    int Batch,
    int PostsPerMessage,
    long Stored,
    double Seconds,
    double RequestsPerSecond,
    double? RawMessagesPerSecond,
    Spread? RawSync,
    Spread? RawWake,
    Spread? Latency,
    Spread? LatencyAfterWarmUp,
    long Lost,
    long Duplicated,
    Spread? Commit,
    double CommitSeconds,
    IReadOnlyList<ProcessUse> Processes,
    double AllocatedMegabytes,
    double CollectorSeconds,
    IReadOnlyList<FirstPage> FirstPages,
    int Cores,
    string Broker,
    string Store);

/// <summary>Milliseconds of many measurements of the same thing.</summary>
public sealed record Spread(int Count, double P50Ms, double P99Ms, double MaxMs)
{
    /// <returns>Null if nothing was measured.</returns>
    public static Spread? Of(IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToArray();
        return sorted.Length == 0 ? null : new Spread(sorted.Length, At(sorted, 0.5), At(sorted, 0.99), sorted[^1]);
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
}

/// <param name="Cores">CPU seconds a second of the run.</param>
/// <param name="MemoryMegabytes">Resident at the end; 0 for watched processes with children, which share theirs.</param>
/// <param name="PeakMegabytes">The most that it ever had resident.</param>
public sealed record ProcessUse(string Name, double CpuSeconds, double Cores, double MemoryMegabytes, double PeakMegabytes);

/// <param name="Query">What is asked for, as in the URL.</param>
/// <param name="Items">Requests on the page.</param>
public sealed record FirstPage(string Query, int Items, Spread Spread);
