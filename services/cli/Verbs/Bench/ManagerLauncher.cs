using System.Diagnostics;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.WorkflowManager.Benchmark;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>Starts this program again as <c>millrace run workflow-manager</c>.</summary>
internal sealed class ManagerLauncher : IManagerLauncher
{
    public async Task<IManagerProcess> StartAsync(ManagerLaunch launch, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "millrace.dll"), "run", "workflow-manager", "--json", "--port", "0", "--set", "Observability:Console=false",
            "--broker", launch.BrokerUrl, "--store", launch.StoreUrl, "--workflows", launch.WorkflowsFolder, "--set", "Manager:Name=" + launch.Name,
        ];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith('{') && JsonDocument.Parse(line).RootElement.TryGetProperty("url", out var url))
                return new ManagerProcess(process, new Uri(url.GetString()!));
        }
        throw new ConfigurationException($"The manager {launch.Name} did not start.");
    }

    private sealed class ManagerProcess(Process process, Uri url) : IManagerProcess
    {
        public int ProcessId => process.Id;

        public Uri Url => url;

        public async Task KillAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited)
                await KillAsync();
            process.Dispose();
        }
    }
}
