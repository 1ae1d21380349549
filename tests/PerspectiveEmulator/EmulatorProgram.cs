using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Millrace.PerspectiveEmulator;

/// <summary><c>--port 0 --permitsPerSecond 50 --latencyMs 60 ...</c>: any of <see cref="EmulatorOptions"/>; prints its address as first line.</summary>
internal static class EmulatorProgram
{
    public static async Task Main(string[] arguments)
    {
        var options = new ConfigurationBuilder().AddCommandLine(arguments).Build().Get<EmulatorOptions>() ?? new EmulatorOptions();
        StandApart();
        await using var server = await PerspectiveServer.StartAsync(options, CancellationToken.None);
        Console.WriteLine(server.BaseUrl);
        await server.WaitForShutdownAsync();
    }

    /// <summary>
    /// The API it stands for runs elsewhere, so its windows must not depend on how busy this machine is: it goes first, where the system lets it.
    /// </summary>
    private static void StandApart()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            process.PriorityClass = ProcessPriorityClass.High;
        }
        catch (Exception denied) when (denied is Win32Exception or UnauthorizedAccessException)
        {
            Console.Error.WriteLine("The emulator has no right to go first: on a busy machine it may count calls late.");
        }
    }
}
