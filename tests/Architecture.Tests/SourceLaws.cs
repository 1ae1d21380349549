using System.Text.RegularExpressions;

namespace Millrace.Architecture.Tests;

/// <summary>What may stand where, read from the sources.</summary>
public sealed partial class SourceLaws
{
    [Theory]
    [InlineData("using MassTransit", "shared/Messaging/")]
    [InlineData("using RabbitMQ.Client", "shared/Messaging/", "services/workflow-manager/Benchmark/")]
    [InlineData("using Microsoft.Data.Sqlite", "shared/Storage/Sqlite/")]
    [InlineData("using SQLitePCL", "shared/Storage/Sqlite/")]
    [InlineData("using Npgsql", "shared/Storage/Postgres/")]
    [InlineData("using MongoDB", "shared/Storage/Mongo/")]
    [InlineData("using Microsoft.ML.OnnxRuntime", "shared/Inference/", "services/gpu-embedding/Benchmark/")]
    public void Each_technology_lives_in_its_own_folder(string import, params string[] homes)
    {
        var strangers = Checkout.Sources("services", "shared")
            .Where(path => File.ReadLines(path).Any(line => line.StartsWith(import, StringComparison.Ordinal)))
            .Select(Checkout.Relative)
            .Where(path => !homes.Any(home => path.StartsWith(home, StringComparison.Ordinal)));

        Assert.Empty(strangers);
    }

    [Fact]
    public void The_engine_is_pure()
    {
        var impure = Checkout.Sources("services/workflow-manager/Engine")
            .Where(path => Impurities().IsMatch(File.ReadAllText(path)))
            .Select(Checkout.Relative);

        Assert.Empty(impure);
    }

    [Fact]
    public void Handlers_know_nothing_of_the_transport()
    {
        var knowing = Checkout.Sources("services")
            .Where(path => path.EndsWith("Handler.cs", StringComparison.Ordinal) && File.ReadAllText(path).Contains("IStepHandler<", StringComparison.Ordinal))
            .Where(path => File.ReadLines(path).Any(line => line.StartsWith("using MassTransit", StringComparison.Ordinal) || line.StartsWith("using RabbitMQ", StringComparison.Ordinal)));

        Assert.Empty(knowing);
    }

    [Fact]
    public void No_file_is_longer_than_300_lines_and_no_room_is_named_for_nothing()
    {
        var files = Checkout.Sources("services", "shared").ToArray();

        Assert.Empty(files.Where(path => File.ReadLines(path).Count() > 300).Select(Checkout.Relative));
        Assert.Empty(files.Where(path => NothingNames().IsMatch(Path.GetFileNameWithoutExtension(path))).Select(Checkout.Relative));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var left = Checkout.Sources("services", "shared")
            .Where(path => LeftBehind().IsMatch(File.ReadAllText(path)))
            .Select(Checkout.Relative);

        Assert.Empty(left);
    }

    [Fact]
    public void Channels_are_bounded()
    {
        var unbounded = Checkout.Sources("services", "shared")
            .Where(path => File.ReadAllText(path).Contains("CreateUnbounded", StringComparison.Ordinal))
            .Select(Checkout.Relative);

        Assert.Empty(unbounded);
    }

    [GeneratedRegex(@"\basync\b|\bawait\b|DateTime(Offset)?\.(Utc)?Now|Guid\.NewGuid|new Random|Random\.Shared|TimeProvider|ILogger|Stopwatch|Environment\.")]
    private static partial Regex Impurities();

    [GeneratedRegex("(Helper|Util|Utils|Common|Constants|Misc)$")]
    private static partial Regex NothingNames();

    [GeneratedRegex(@"#region|//\s*(TODO|FIXME|HACK)|NotImplementedException")]
    private static partial Regex LeftBehind();
}
