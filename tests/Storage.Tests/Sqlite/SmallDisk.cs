using System.Diagnostics;
using System.Globalization;

namespace Millrace.Storage.Tests.Sqlite;

/// <summary>A disk of a few megabytes, held in memory.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <returns>Null where this user may not mount.</returns>
    public static async Task<SmallDisk?> MountAsync(string folder, int megabytes)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(folder, "disk")).FullName;
        var size = string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m");
        return await RunAsync("mount", "-t", "tmpfs", "-o", size, "tmpfs", path) == 0 ? new SmallDisk(path) : null;
    }

    /// <summary>Writes until no more than the given space is left.</summary>
    public async Task FillAsync(string file, long leaveBytes)
    {
        await using var stream = File.Create(file);
        var free = new DriveInfo(Path).AvailableFreeSpace;
        await stream.WriteAsync(new byte[Math.Max(0, free - leaveBytes)]);
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "-l", Path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
