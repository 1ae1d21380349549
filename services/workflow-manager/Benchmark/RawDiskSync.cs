using System.Diagnostics;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>What the disk itself takes for a write that is safe: one page appended to a file beside the store, then <c>fsync</c>.</summary>
internal static class RawDiskSync
{
    private const string Scheme = "sqlite:";
    private const int Times = 200;
    private const int PageBytes = 4096;

    public static Spread? Measure(string storeUrl)
    {
        if (!storeUrl.StartsWith(Scheme, StringComparison.Ordinal))
            return null;
        var path = Path.GetFullPath(storeUrl[Scheme.Length..]) + ".sync";
        try
        {
            using var file = new FileStream(path, FileMode.Create);
            return Spread.Of(Enumerable.Range(0, Times).Select(_ => SyncOnce(file)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static double SyncOnce(FileStream file)
    {
        file.Write(new byte[PageBytes]);
        var started = Stopwatch.GetTimestamp();
        file.Flush(flushToDisk: true);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
