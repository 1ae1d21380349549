using Millrace.Testing;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.WorkflowManager.Tests.Definitions;

public sealed class WorkflowFolderTests
{
    private const string One = "workflows: [ { name: one, steps: [ { name: a } ] } ]";

    [Fact]
    public void All_yaml_files_of_a_folder_are_read_in_order_of_their_names()
    {
        using var folder = new TemporaryFolder("workflows");
        File.WriteAllText(Path.Combine(folder.Path, "b.yml"), One);
        File.WriteAllText(Path.Combine(folder.Path, "a.yaml"), One.Replace("one", "two", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "not read");

        Assert.Equal(["two", "one"], WorkflowReader.ReadFolder(folder.Path).Definitions.Select(definition => definition.Name));
    }

    [Fact]
    public void A_name_that_two_files_give_is_an_error_of_the_second_and_nothing_is_taken()
    {
        using var folder = new TemporaryFolder("workflows");
        File.WriteAllText(Path.Combine(folder.Path, "a.yaml"), One);
        File.WriteAllText(Path.Combine(folder.Path, "b.yaml"), One);

        var reading = WorkflowReader.ReadFolder(folder.Path);

        Assert.Empty(reading.Definitions);
        Assert.Equal(Path.Combine(folder.Path, "b.yaml"), Assert.Single(reading.Problems).File);
    }

    [Fact]
    public void The_fingerprint_changes_with_the_files_that_are_read()
    {
        using var folder = new TemporaryFolder("workflows");
        File.WriteAllText(Path.Combine(folder.Path, "a.yaml"), One);
        var before = WorkflowReader.Fingerprint(folder.Path);
        File.WriteAllText(Path.Combine(folder.Path, "notes.txt"), "not read");

        Assert.Equal(before, WorkflowReader.Fingerprint(folder.Path));
        File.WriteAllText(Path.Combine(folder.Path, "a.yaml"), One + " # longer");
        Assert.NotEqual(before, WorkflowReader.Fingerprint(folder.Path));
    }

    /// <summary>The links are as kubelet makes them: https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter.</summary>
    [Fact]
    public void The_fingerprint_changes_when_kubernetes_puts_another_config_map_behind_the_links()
    {
        using var folder = new TemporaryFolder("workflows");
        var (data, file) = (Path.Combine(folder.Path, "..data"), Path.Combine(folder.Path, "a.yaml"));
        WriteVersion(folder, "..2026_01_01", "one", DateTime.UnixEpoch);
        WriteVersion(folder, "..2026_01_02", "two", DateTime.UnixEpoch.AddDays(1));
        Directory.CreateSymbolicLink(data, "..2026_01_01");
        File.CreateSymbolicLink(file, Path.Combine("..data", "a.yaml"));
        var before = WorkflowReader.Fingerprint(folder.Path);
        Assert.Equal(before, WorkflowReader.Fingerprint(folder.Path));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "..2026_01_02");

        Assert.NotEqual(before, WorkflowReader.Fingerprint(folder.Path));
        Assert.Equal("two", Assert.Single(WorkflowReader.ReadFolder(folder.Path).Definitions).Name);
    }

    private static void WriteVersion(TemporaryFolder folder, string version, string workflow, DateTime written)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, version)).FullName, "a.yaml");
        File.WriteAllText(file, One.Replace("one", workflow, StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(file, written);
    }
}
