namespace Millrace.Testing;

/// <summary>A folder of its own under the system's temporary one, gone when disposed.</summary>
public sealed class TemporaryFolder(string purpose) : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory($"millrace-{purpose}-").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that has just ended may still have been writing; the system clears its temporary folder.
        }
    }
}
