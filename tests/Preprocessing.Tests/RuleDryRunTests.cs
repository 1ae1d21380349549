using System.Text.Json;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing.Tests;

public sealed class RuleDryRunTests
{
    [Fact]
    public void A_dry_run_counts_and_lists_what_would_change()
    {
        var posts = new[]
        {
            """{"uri":"a","text":"one two three four five"}""",
            """{"uri":"b","text":"short"}""",
            """{"uri":"c","text":""}""",
            """{"uri":"d"}""",
        }.Select(json => JsonDocument.Parse(json).RootElement);
        var current = RuleSetReader.Read("{name: now, rules: [{rule: has-text}]}", "now");
        var candidate = RuleSetReader.Read("{name: then, rules: [{rule: has-text}, {rule: min-length, characters: 10}]}", "then");

        var report = RuleDryRun.Run(posts, current, candidate);

        Assert.Equal((4, 1, 1), (report.Posts, report.Rejected, report.Changed));
        Assert.Equal((2, 1), (report.Current.Kept, report.Current.Dropped));
        Assert.Equal((1, 2), (report.Candidate.Kept, report.Candidate.Dropped));
        Assert.Equal(2, report.Candidate.Failures["min-length"]);
        var change = Assert.Single(report.Changes);
        Assert.Equal(("b", true, false, "min-length"), (change.Uri, change.KeptBefore, change.KeptAfter, change.Reasons[0].Rule));
    }
}
