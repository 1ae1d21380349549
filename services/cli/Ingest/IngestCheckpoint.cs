using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Cli.Ingest;

/// <summary>
/// How far an ingest of these files into this target has come. It is written after each confirmed group, so that a killed
/// ingest goes on where it was; a group sent twice is harmless, because a post's key decides its request.
/// </summary>
internal sealed class IngestCheckpoint
{
    private readonly string _path;

    private IngestCheckpoint(string path, long done)
    {
        _path = path;
        Done = done;
    }

    /// <summary>Posts that are durable at the target or refused, counted over all files in order.</summary>
    public long Done { get; private set; }

    public static IngestCheckpoint Open(string folder, IReadOnlyList<string> files, string workflow, string target, bool restart)
    {
        var identity = string.Join('\n', [workflow, target, .. files.Select(Identify)]);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16];
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"ingest-{name}.json");
        var done = !restart && File.Exists(path) ? JsonSerializer.Deserialize<Saved>(File.ReadAllText(path), MillraceJson.Options)!.Done : 0;
        return new IngestCheckpoint(path, done);
    }

    public void Advance(long done)
    {
        Done = done;
        var written = _path + ".new";
        File.WriteAllText(written, JsonSerializer.Serialize(new Saved(done), MillraceJson.Options));
        File.Move(written, _path, overwrite: true);
    }

    public void Complete() => File.Delete(_path);

    private static string Identify(string file) =>
        file == "-" ? file : $"{Path.GetFullPath(file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file):O}";

    private sealed record Saved(long Done);
}
