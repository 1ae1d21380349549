using System.Globalization;
using System.Xml.Linq;
using Millrace.Contracts;
using Millrace.DriftMonitor.Offline;
using Millrace.DriftMonitor.Tests.Statistics;
using Millrace.Testing;

namespace Millrace.DriftMonitor.Tests.Offline;

public sealed class DriftComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("offline");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Small_files_are_compared_pair_by_pair_and_the_posts_that_drive_are_named()
    {
        var a = Write("a", 300, seed: 1);
        var b = Write("b", 200, seed: 2, shiftedRows: 40);

        var report = Compare(a, b);

        Assert.Equal(("exact", 300, 200, 3), (report.Method, report.RowsA, report.RowsB, report.Dimensions));
        Assert.True(report.Drift, $"p {report.PValue}");
        Assert.Equal(10, report.Driving.Count);
        Assert.All(report.Driving, row => Assert.InRange(row.Line, 1, 40));
        Assert.All(report.Driving, row => Assert.Equal($"b{row.Line}", row.Post));
        Assert.False(Compare(a, Write("c", 200, seed: 3)).Drift);
    }

    /// <summary>Sizes that are far apart, and chunks that are no whole part of either.</summary>
    [Fact]
    public void Large_files_are_summed_up_in_chunks()
    {
        var a = Write("a", DriftComparison.MaxExactRows, seed: 1);
        var options = new DriftComparisonOptions { ChunkRows = 100, Frequencies = 32 };

        var shifted = Compare(a, Write("b", 900, seed: 2, shiftedRows: 300), options);
        var same = Compare(a, Write("c", 900, seed: 3), options);

        Assert.Equal("random features", shifted.Method);
        Assert.True(shifted.Drift, $"p {shifted.PValue}");
        Assert.All(shifted.Driving, row => Assert.InRange(row.Line, 1, 300));
        Assert.False(same.Drift, $"p {same.PValue}");
        Assert.Empty(same.Driving);
    }

    [Theory]
    [InlineData("[1,2]\n[1,2,3]\n", ":2: the vector has 3 dimensions, others have 2.")]
    [InlineData("[1,2]\n\n{\n", ":3: this is no JSON")]
    [InlineData("{\"vector\":[1,2]}\n[1,2]\n", ":1: there is no vector at 'embedding'; name its place with --path.")]
    [InlineData("[1,2]\n", "there are 1 vectors in it; a comparison needs two at least.")]
    public void A_wrong_line_is_told_with_its_place(string text, string problem)
    {
        var wrong = Path.Combine(_folder.Path, "wrong");
        File.WriteAllText(wrong, text);

        var error = Assert.Throws<DriftFileException>(() => Compare(wrong, Write("b", 10, seed: 2)));

        Assert.StartsWith(wrong, error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_line_far_into_a_large_file_is_told_with_its_place()
    {
        var a = Write("a", DriftComparison.MaxExactRows, seed: 1);
        File.AppendAllText(a, "nonsense\n");

        var error = Assert.Throws<DriftFileException>(() => Compare(a, Write("b", 5_000, seed: 2), new DriftComparisonOptions { Frequencies = 16 }));

        Assert.StartsWith($"{a}:{DriftComparison.MaxExactRows + 1}: this is no JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused()
    {
        var (a, b) = (Write("a", 10, seed: 1), Write("b", 10, seed: 2));

        Assert.Contains("Level", Refusal(new DriftComparisonOptions { Level = 1.5 }), StringComparison.Ordinal);
        Assert.Contains("ChunkRows", Refusal(new DriftComparisonOptions { ChunkRows = 1 }), StringComparison.Ordinal);
        Assert.Contains("take at least 999", Refusal(new DriftComparisonOptions { Level = 0.001, Permutations = 400 }), StringComparison.Ordinal);
        Assert.Equal(2_000, Compare(a, b, new DriftComparisonOptions { Level = 0.001 }).Permutations);

        string Refusal(DriftComparisonOptions options) => Assert.Throws<ConfigurationException>(() => Compare(a, b, options)).Message;
    }

    [Fact]
    public void The_drawing_has_a_dot_for_each_post()
    {
        var comparison = new DriftComparison(new VectorFile(Write("a", 30, seed: 1), null), new VectorFile(Write("b", 20, seed: 2), null), new DriftComparisonOptions());

        Assert.Equal(50, XElement.Parse(comparison.Draw()).Descendants().Count(element => element.Name.LocalName == "circle"));
    }

    private static DriftReport Compare(string a, string b, DriftComparisonOptions? options = null) =>
        new DriftComparison(new VectorFile(a, null), new VectorFile(b, null), options ?? new DriftComparisonOptions()).Run(TestContext.Current.CancellationToken);

    /// <summary>Objects with a name and a vector of three dimensions; the first rows are moved.</summary>
    private string Write(string name, int rows, int seed, int shiftedRows = 0)
    {
        var samples = Draws.Gaussian(rows, 3, seed, shiftedRows / (double)rows, shift: 4);
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllLines(path, Enumerable.Range(0, rows).Select(row => string.Create(
            CultureInfo.InvariantCulture, $$"""{"uri":"{{name}}{{row + 1}}","embedding":[{{samples.Row(row)[0]}},{{samples.Row(row)[1]}},{{samples.Row(row)[2]}}]}""")));
        return path;
    }
}
