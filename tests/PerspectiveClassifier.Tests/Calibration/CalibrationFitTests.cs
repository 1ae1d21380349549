using System.Globalization;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Calibration;

public sealed class CalibrationFitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("calibration");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_recorded_scores_becomes_a_calibration_with_date_and_figures()
    {
        var lines = Enumerable.Range(0, 300).Select(number => (number % 100) / 100.0).Select(raw => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"uri":"x","was_successfully_labeled":true,"scores":{"TOXICITY":{{raw * raw}}},"shadow":{"TOXICITY":{{raw}}},"shadow_revision":"abc"}"""));
        // Of a real run some were not kept, failed, were not labelled, or not scored by the local model.
        var path = Write(
        [
            .. lines, """{"uri":"y","was_successfully_labeled":false,"reason":"COMMENT_EMPTY: x"}""", "", """{"id":"r","status":"failed","result":null}""",
            """{"id":"r","result":{"keep":false}}""", """{"uri":"z","scores":{"TOXICITY":0.3}}""", """{"uri":"z","scores":{"TOXICITY":0.3},"shadow":null}""",
        ]);
        var now = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

        var fitted = CalibrationFit.FitFile(path, null, now);
        fitted.Write(Path.Combine(_folder.Path, "out", "calibration.json"));
        var read = CalibrationFile.Read(Path.Combine(_folder.Path, "out", "calibration.json"));

        Assert.Equal((now, "abc", 5), (read.FittedAt, read.ModelRevision, read.Skipped));
        var toxicity = Assert.Single(read.Attributes).Value;
        Assert.Equal(300, toxicity.Pairs);
        Assert.Equal(1, toxicity.Agreement.Spearman);
        Assert.True(toxicity.ErrorAfter < 0.02 && toxicity.ErrorBefore > 0.1, $"{toxicity}");
        Assert.Equal(0.64, new IsotonicCurve(toxicity.Knots).Apply(0.8), 3);
        // 0.9 squared is 0.81: the reference puts a tenth of the pairs at 0.8 and more, the raw scores a fifth.
        var at = Assert.Single(toxicity.Thresholds!, level => level.Threshold == 0.8);
        Assert.Equal((30, 60), (at.Reference, at.Before));
        Assert.InRange(at.After, 28, 32);
        Assert.Equal(0.9, at.SameBefore, 3);
        Assert.True(at.SameAfter > 0.98, $"{at}");
    }

    [Fact]
    public async Task Texts_with_recorded_scores_are_scored_by_the_local_model_first()
    {
        var model = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model"));
        var lines = Enumerable.Range(0, 100).Select(number => number % 2 == 0 ? """{"text":"you idiot","real":0.7}""" : """{"text":"hello world","real":0.1}""");
        var path = Write([.. lines, """{"text":"","real":0.5}""", """{"text":"no score"}""", ""]);

        var fitted = await TextPairs.FitAsync(path, new TextPairsOptions("real", Model: model), TimeProvider.System, TestContext.Current.CancellationToken);

        var toxicity = Assert.Single(fitted.Attributes).Value;
        Assert.Equal(100, toxicity.Pairs);
        Assert.Equal(0, toxicity.ErrorAfter, 3);
        Assert.Equal(0.7, new IsotonicCurve(toxicity.Knots).Apply(TinyClassifier.High), 3);
        Assert.Equal((0, 50, 0), toxicity.Thresholds!.Where(level => level.Threshold == 0.8).Select(level => (level.Reference, level.Before, level.After)).Single());
    }

    [Theory]
    [InlineData("""{"attribute":"TOXICITY","score":0.3,"reference":0.5}""")]
    [InlineData("""{"scores":{"TOXICITY":0.3},"reference":{"TOXICITY":0.5,"SPAM":0.1}}""")]
    [InlineData("""{"id":"r","result":{"scores":{"TOXICITY":0.5},"shadow":{"TOXICITY":0.3}}}""")]
    public void Every_shape_gives_the_same_pair(string line) =>
        Assert.Equal(new ScorePair(0.3, 0.5), Assert.Single(Assert.Single(RecordedPairs.Read([line], "f").Pairs).Value));

    [Theory]
    [InlineData("""{"scores":{"SPAM":0.3},"shadow":{"TOXICITY":0.4},"shadow_revision":"two"}""")]
    [InlineData("""{"scores":{"SPAM":0.3},"reference":{"TOXICITY":0.4}}""")]
    public void A_record_whose_sides_share_no_attribute_is_no_pair_and_its_revision_says_nothing(string line)
    {
        var recorded = RecordedPairs.Read(["""{"scores":{"TOXICITY":0.3},"shadow":{"TOXICITY":0.4},"shadow_revision":"one"}""", line], "f");

        Assert.Equal((1, "one"), (recorded.Skipped, recorded.ModelRevision));
        Assert.Single(Assert.Single(recorded.Pairs).Value);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("""{"attribute":"TOXICITY","score":3,"reference":0.5}""")]
    [InlineData("""{"attribute":"TOXICITY","score":"0.3","reference":0.5}""")]
    public void A_line_that_cannot_be_read_is_named(string line) =>
        Assert.StartsWith("f:2:", Assert.Throws<InvalidDataException>(() => RecordedPairs.Read(["", line], "f")).Message, StringComparison.Ordinal);

    [Fact]
    public void Too_few_pairs_fit_nothing() => Assert.Contains(
        "TOXICITY 1",
        Assert.Throws<InvalidDataException>(() => CalibrationFit.FitFile(Write(["""{"attribute":"TOXICITY","score":0.3,"reference":0.5}"""]), null, DateTimeOffset.UnixEpoch)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Where_no_record_holds_a_pair_it_says_what_one_looks_like() => Assert.Contains(
        "1 records without a pair ('scores' with 'shadow' or 'reference')",
        Assert.Throws<InvalidDataException>(() => CalibrationFit.FitFile(Write(["""{"scores":{"TOXICITY":0.3}}"""]), null, DateTimeOffset.UnixEpoch)).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("one", "two", null, "(one, two)")]
    [InlineData("one", "one", "two", "revision one, not of two")]
    public void Scores_of_different_model_revisions_are_never_fitted_as_one(string first, string second, string? asked, string named)
    {
        var path = Write(Enumerable.Range(0, 100).Select(number =>
            $$"""{"scores":{"TOXICITY":0.3},"shadow":{"TOXICITY":0.4},"shadow_revision":"{{(number < 50 ? first : second)}}"}"""));

        var wrong = Assert.Throws<InvalidDataException>(() => CalibrationFit.FitFile(path, asked, DateTimeOffset.UnixEpoch));

        Assert.Contains(named, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_with_half_a_character_beside_it_is_left_out()
    {
        var model = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model"));
        var lines = Enumerable.Repeat("""{"text":"you idiot","real":0.7}""", 50);
        var path = Write([.. lines, """{"text":"idiot","real":0.1,"language":"\ud83d"}""", """{"text":"idiot","\ud83d":0.1,"reel":0.1}"""]);

        var fitted = await TextPairs.FitAsync(path, new TextPairsOptions("real", Model: model), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(50, Assert.Single(fitted.Attributes).Value.Pairs);
    }

    [Fact]
    public void A_calibration_that_cannot_be_moved_into_place_leaves_nothing_beside_it()
    {
        var path = Path.Combine(_folder.Path, "taken");
        Directory.CreateDirectory(path);
        var calibration = new CalibrationFile(DateTimeOffset.UnixEpoch, null, new Dictionary<string, AttributeCalibration>());

        Assert.ThrowsAny<Exception>(() => calibration.Write(path));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"fittedAt":"2026-01-01T00:00:00Z","attributes":{"TOXICITY":{"pairs":50}}}""")]
    [InlineData("""{"fittedAt":"2026-01-01T00:00:00Z","attributes":{"TOXICITY":null}}""")]
    [InlineData("""{"fittedAt":"2026-01-01T00:00:00Z","attributes":{"TOXICITY":{"knots":[[0.5,0.5],[0.6,0.4]]}}}""")]
    public void A_calibration_that_is_none_is_refused_with_the_way_to_make_one(string text) =>
        Assert.Contains("millrace calibrate", Assert.Throws<ConfigurationException>(() => CalibrationFile.Read(Write([text]))).Message, StringComparison.Ordinal);

    private string Write(IEnumerable<string> lines)
    {
        var path = Path.Combine(_folder.Path, "recorded.jsonl");
        File.WriteAllLines(path, lines);
        return path;
    }
}
