using Microsoft.Extensions.Configuration;

namespace Millrace.PerspectiveEmulator;

/// <summary><c>--port 0 --permitsPerSecond 50 --latencyMs 60 ...</c>: any of <see cref="EmulatorOptions"/>; prints its address as first line.</summary>
internal static class EmulatorProgram
{
    public static async Task Main(string[] arguments)
    {
        var options = new ConfigurationBuilder().AddCommandLine(arguments).Build().Get<EmulatorOptions>() ?? new EmulatorOptions();
        await using var server = await PerspectiveServer.StartAsync(options, CancellationToken.None);
        Console.WriteLine(server.BaseUrl);
        await server.WaitForShutdownAsync();
    }
}
