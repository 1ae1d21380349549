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

    private IngestCheckpoint(string path, Saved saved)
    {
        _path = path;
        Done = saved.Done;
        Digest = saved.Digest;
    }

    /// <summary>Posts that are durable at the target or refused, counted over all files in order.</summary>
    public long Done { get; private set; }

    /// <summary>The digest of those posts: other input is not taken for them, least of all on standard input.</summary>
    public string Digest { get; private set; }

    public static IngestCheckpoint Open(string folder, IReadOnlyList<string> files, string workflow, string target, bool restart)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"ingest-{FileIdentity.Of(files, workflow, target)}.json");
        return new IngestCheckpoint(path, !restart && File.Exists(path) ? Read(path) : new Saved(0, ""));
    }

    public void Advance(long done, string digest)
    {
        (Done, Digest) = (done, digest);
        var written = _path + ".new";
        File.WriteAllText(written, JsonSerializer.Serialize(new Saved(done, digest), MillraceJson.Options));
        File.Move(written, _path, overwrite: true);
    }

    public void Complete() => File.Delete(_path);

    /// <summary>A file that a power failure left empty remembers nothing; sending again is harmless.</summary>
    private static Saved Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Saved>(File.ReadAllText(path), MillraceJson.Options) is { Digest: not null } saved ? saved : new Saved(0, "");
        }
        catch (JsonException)
        {
            return new Saved(0, "");
        }
    }

    private sealed record Saved(long Done, string Digest);
}
