using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Benchmark;
using Millrace.Standalone;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>What the emulator says it has seen; see its own statistics.</summary>
internal sealed record EmulatorView(int Calls, int Refused, int Scored, int Rejected, int Failed, int MaxInAnySecond, int MaxInAnySecondAfterOutage);

/// <summary>The tests' emulator of Perspective as a process of its own; it is part of a checkout, not of what is published.</summary>
internal sealed class EmulatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private EmulatorProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    /// <exception cref="ConfigurationException">There is no emulator here.</exception>
    public static async Task<EmulatorProcess> StartAsync(ClassifyBenchmarkOptions options, double outageSeconds, CancellationToken cancellationToken)
    {
        var project = Path.Combine(InstallPaths.Infra, "..", "tests", "PerspectiveEmulator", "PerspectiveEmulator.csproj");
        if (!File.Exists(project))
            throw new ConfigurationException("The emulator is not here; name an API with --url, or run this from a checkout.");
        var perMinute = options.QuotaWindowSeconds > 1;
        string[] arguments =
        [
            "run", "--project", project, "-c", "Release", "--", "--port", "0",
            perMinute ? "--permitsPerMinute" : "--permitsPerSecond", options.QuotaPermits.ToString(CultureInfo.InvariantCulture),
            "--outageAfterSeconds", (outageSeconds > 0 ? options.DurationSeconds / 3 : -1).ToString(CultureInfo.InvariantCulture),
            "--outageSeconds", outageSeconds.ToString(CultureInfo.InvariantCulture),
        ];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Uri.TryCreate(line.Trim(), UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp)
                return new EmulatorProcess(process, url);
        }
        throw new ConfigurationException("The emulator did not start; build it with `dotnet build tests/PerspectiveEmulator`.");
    }

    public async Task<EmulatorView?> ReadStatisticsAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return await http.GetFromJsonAsync<EmulatorView>(new Uri(Url, "/emulator/statistics"), MillraceJson.Options, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
