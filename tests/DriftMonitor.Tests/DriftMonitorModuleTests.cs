using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;

namespace Millrace.DriftMonitor.Tests;

public sealed class DriftMonitorModuleTests
{
    [Fact]
    public void Without_settings_embeddings_and_scores_are_watched() =>
        Assert.Equal(["embedding", "scores"], Read([]).Sources.Select(source => source.Name));

    [Fact]
    public void Sources_that_are_written_stand_in_the_place_of_the_default()
    {
        var options = Read(new()
        {
            ["Drift:Sources:0:Name"] = "topics",
            ["Drift:Sources:0:VectorPath"] = "topics.vector",
            ["Drift:Sources:0:RevisionPath"] = "topics.revision",
            ["Drift:WindowPosts"] = "60",
        });

        Assert.Equal(new DriftSourceOptions { Name = "topics", VectorPath = "topics.vector", RevisionPath = "topics.revision" }, Assert.Single(options.Sources));
        Assert.Equal(60, options.WindowPosts);
    }

    [Fact]
    public void Wrong_options_are_refused_all_at_once()
    {
        var settings = new Dictionary<string, string?> { ["Drift:WindowPosts"] = "1", ["Drift:SaveEveryPosts"] = "0" };
        for (var source = 0; source < 2; source++)
        {
            settings[$"Drift:Sources:{source}:Name"] = "topics";
            settings[$"Drift:Sources:{source}:VectorPath"] = "topics";
        }

        var error = Assert.Throws<ConfigurationException>(() => Read(settings));

        foreach (var part in (string[])["WindowPosts", "SaveEveryPosts", "RevisionPath", "'topics' stands there 2 times"])
            Assert.Contains(part, error.ToString(), StringComparison.Ordinal);
    }

    private static DriftOptions Read(Dictionary<string, string?> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddDriftMonitor();
        return builder.Services.BuildServiceProvider().GetRequiredService<DriftOptions>();
    }
}
