using System.Diagnostics;
using System.Globalization;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>What a process, and if asked its children, used of the CPU since the meter was made. Reads Linux's <c>/proc</c>.</summary>
internal sealed class ProcessMeter
{
    private const double TicksPerSecond = 100;
    private const int KilobytesPerMegabyte = 1024;

    private readonly string _name;
    private readonly int _process;
    private readonly bool _withChildren;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly double _before;

    public ProcessMeter(string name, int process, bool withChildren = false)
    {
        (_name, _process, _withChildren) = (name, process, withChildren);
        _before = CpuSeconds();
    }

    public ProcessUse Measure()
    {
        var cpu = CpuSeconds() - _before;
        var status = _withChildren ? [] : Read($"/proc/{_process}/status").Split('\n');
        return new ProcessUse(
            _name, cpu, cpu / Stopwatch.GetElapsedTime(_started).TotalSeconds, Megabytes(status, "VmRSS:"), Megabytes(status, "VmHWM:"));
    }

    private double CpuSeconds() => (_withChildren ? Children().Append(_process) : [_process]).Sum(CpuSecondsOf);

    /// <summary>A child that has ended is counted with its parent, once that has waited for it.</summary>
    private double CpuSecondsOf(int process)
    {
        var fields = Fields(process);
        return fields.Length == 0 ? 0 : fields[11..(process == _process && _withChildren ? 15 : 13)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    private IEnumerable<int> Children() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : 0)
        .Where(process => process > 0 && Fields(process) is { Length: > 1 } fields && fields[1] == _process.ToString(CultureInfo.InvariantCulture));

    /// <summary>The fields behind the program's name, which may hold anything.</summary>
    private static string[] Fields(int process)
    {
        var stat = Read($"/proc/{process}/stat");
        return stat.Length == 0 ? [] : stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static double Megabytes(string[] status, string field) =>
        status.FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } line
            ? double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / KilobytesPerMegabyte : 0;

    /// <summary>Empty if the process has ended, or this is no Linux.</summary>
    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
