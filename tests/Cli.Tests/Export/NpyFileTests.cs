using System.Diagnostics;
using Millrace.Cli.Export;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Export;

public sealed class NpyFileTests
{
    private const string Read = """
        import sys, numpy
        a = numpy.load(sys.argv[1])
        print(a.dtype.str, a.shape, a.flags.c_contiguous, *(repr(float(x)) for x in a.ravel()))
        """;

    [Fact]
    public async Task NumPy_reads_back_the_same_floats()
    {
        await DebianPackage.InstallAsync("python3-numpy", "/usr/lib/python3/dist-packages/numpy/__init__.py");
        using var folder = new TemporaryFolder("npy");
        var path = Path.Combine(folder.Path, "a.npy");
        using (var file = new NpyFile(path))
        {
            Assert.True(file.TryAdd([0.5f, -1, float.MaxValue]));
            Assert.False(file.TryAdd([1, 2]));
            Assert.True(file.TryAdd([float.Epsilon, 0, 0.1f]));
        }

        var words = (await PythonAsync(path)).Trim().Split(' ');

        Assert.Equal("<f4 (2, 3) True", string.Join(' ', words[..4]));
        Assert.Equal(
            [0.5f, -1, float.MaxValue, float.Epsilon, 0, 0.1f],
            words[4..].Select(word => (float)double.Parse(word, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task An_array_without_rows_is_an_array_too()
    {
        await DebianPackage.InstallAsync("python3-numpy", "/usr/lib/python3/dist-packages/numpy/__init__.py");
        using var folder = new TemporaryFolder("npy");
        var path = Path.Combine(folder.Path, "empty.npy");
        new NpyFile(path).Dispose();

        Assert.Equal("<f4 (0, 0) True", (await PythonAsync(path)).Trim());
    }

    private static async Task<string> PythonAsync(string path)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Read, path]) { RedirectStandardOutput = true })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return output;
    }
}
