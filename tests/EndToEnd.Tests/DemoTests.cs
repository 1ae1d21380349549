using System.Text.Json;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

public sealed class DemoTests
{
    [Fact]
    public async Task The_demo_takes_every_sample_post_to_its_end()
    {
        var (code, output, error) = await MillraceProcess.RunAsync(["demo", "--json"]);

        Assert.True(code == 0, output + error);
        var summary = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement;
        Assert.InRange(summary.GetProperty("accepted").GetInt32(), 150, 300);
        Assert.Equal(summary.GetProperty("accepted").GetInt32(), summary.GetProperty("completed").GetInt32());
        Assert.Equal(0, summary.GetProperty("failed").GetInt32());
    }

    [Fact]
    public async Task A_person_sees_a_table_of_results()
    {
        var (code, output, _) = await MillraceProcess.RunAsync(["demo"]);

        Assert.Equal(0, code);
        Assert.Contains("toxicity", output, StringComparison.Ordinal);
        Assert.Contains("sample:001", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("status", "no-uuid")]
    [InlineData("up", "--no-such-option")]
    public async Task Wrong_usage_is_exit_code_2_with_a_hint(params string[] arguments)
    {
        var (code, _, error) = await MillraceProcess.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("verb", "nonsense")]
    [InlineData("option", "--nonsense")]
    [InlineData("verb", "bench", "nonsense")]
    public async Task What_is_no_verb_is_named_once(string kind, params string[] arguments)
    {
        var (code, _, error) = await MillraceProcess.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.Equal(2, error.TrimEnd().Split('\n').Length);
        Assert.Contains($"There is no {kind} '{arguments[^1]}'.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Hosting:Port", "--set", "Hosting:Port=x")]
    [InlineData("LogLevel", "--log-level", "info")]
    [InlineData("SeqUrl", "--seq", "seq:5341")]
    public async Task A_setting_that_cannot_be_read_is_named_in_one_line(string setting, params string[] arguments)
    {
        var (code, _, error) = await MillraceProcess.RunAsync(["up", "--store", "memory:", "--port", "0", .. arguments]);

        Assert.Equal(2, code);
        Assert.Contains(setting, Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_manager_a_verb_says_how_to_start_one()
    {
        var (code, _, error) = await MillraceProcess.RunAsync(["list", "--server", "http://127.0.0.1:9"]);

        Assert.Equal(1, code);
        Assert.Contains("millrace up", error, StringComparison.Ordinal);
    }
}
