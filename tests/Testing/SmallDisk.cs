using System.Diagnostics;
using System.Globalization;

namespace Millrace.Testing;

/// <summary>A disk of a few megabytes, held in memory.</summary>
public sealed class SmallDisk : IAsyncDisposable
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

    /// <summary>Writes until no more than the given space is left, or until others have taken it.</summary>
    public async Task FillAsync(string file, long leaveBytes)
    {
        var part = new byte[1024 * 1024];
        try
        {
            await using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (new DriveInfo(Path).AvailableFreeSpace - leaveBytes is var left and > 0)
                await stream.WriteAsync(part.AsMemory(0, (int)Math.Min(left, part.Length)));
        }
        catch (IOException)
        {
            // Somebody wrote at the same time: the disk is full before the file is.
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "-l", Path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
