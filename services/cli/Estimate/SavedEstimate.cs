using System.Text.Json;
using Millrace.Cli.Ingest;
using Millrace.Contracts;

namespace Millrace.Cli.Estimate;

/// <summary>What <c>estimate</c> said of some files, kept for the <c>ingest</c> of the same files, which corrects it while it runs.</summary>
internal sealed record SavedEstimate(long Posts, double FinishMinutes)
{
    public static void Write(string folder, IReadOnlyList<string> files, EstimateReport report)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(PathOf(folder, files), JsonSerializer.Serialize(new SavedEstimate(report.Posts, report.FinishMinutes), MillraceJson.Options));
    }

    /// <summary>Null if these files, as they are now, were never estimated.</summary>
    public static SavedEstimate? Find(string folder, IReadOnlyList<string> files)
    {
        var path = PathOf(folder, files);
        return File.Exists(path) ? JsonSerializer.Deserialize<SavedEstimate>(File.ReadAllText(path), MillraceJson.Options) : null;
    }

    private static string PathOf(string folder, IReadOnlyList<string> files) => Path.Combine(folder, $"estimate-{FileIdentity.Of(files)}.json");
}
