using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.PerspectiveClassifier;
using Millrace.PerspectiveClassifier.Calibration;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace calibrate FILE</c>: a monotone map from local scores to recorded ones, so that thresholds keep their meaning.</summary>
internal static class CalibrateVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "JSON Lines of recorded scores: results of the provider shadow, or pairs by attribute; with --reference-field, texts." };
        var to = new Option<string>("--output") { Description = "Where the calibration is written; name it in Classifier:Instances:NAME:CalibrationPath.", DefaultValueFactory = _ => "calibration.json" };
        var revision = new Option<string?>("--model-revision") { Description = "The local model's revision, if the file does not say it." };
        var field = new Option<string?>("--reference-field") { Description = "The lines hold 'text' and in this field the recorded score: the local model scores the texts now." };
        var attribute = new Option<string>("--attribute") { Description = "With --reference-field: what the recorded score is of.", DefaultValueFactory = _ => "TOXICITY" };
        var model = new Option<string>("--model") { Description = "With --reference-field: the local model's folder.", DefaultValueFactory = _ => ClassifierInstanceOptions.DefaultModel };
        var languages = new Option<string[]>("--language") { Description = "With --reference-field: a language that the model scores, or any; texts surely in another are left out.", DefaultValueFactory = _ => ["en"] };
        var json = VerbAction.JsonOption();
        var verb = new Command("calibrate", "Fit local scores to recorded ones.") { file, to, revision, field, attribute, model, languages, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            try
            {
                var path = parsed.GetRequiredValue(file);
                var calibration = parsed.GetValue(field) is { } reference
                    ? await TextPairs.FitAsync(
                        path,
                        new TextPairsOptions(reference, parsed.GetRequiredValue(attribute), parsed.GetRequiredValue(model), parsed.GetRequiredValue(languages)),
                        TimeProvider.System,
                        cancellationToken)
                    : CalibrationFit.FitFile(path, parsed.GetValue(revision), TimeProvider.System.GetUtcNow());
                calibration.Write(parsed.GetRequiredValue(to));
                output.Write(calibration, console => Show(console, calibration, parsed.GetRequiredValue(to)));
                return ExitCodes.Ok;
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return output.Fail(error.Message);
            }
        });
        return verb;
    }

    private static void Show(IAnsiConsole console, CalibrationFile calibration, string path)
    {
        foreach (var (attribute, fitted) in calibration.Attributes)
        {
            console.WriteLine($"{attribute}: {fitted.Pairs} pairs, mean error {fitted.ErrorBefore} before and {fitted.ErrorAfter} after, on pairs that fitted nothing");
            foreach (var at in fitted.Thresholds ?? [])
                console.WriteLine(
                    $"  at {at.Threshold}: {at.Reference} by the reference, {at.Before} before, {at.After} after; same verdict {at.SameBefore:P2} before, {at.SameAfter:P2} after");
        }
        if (calibration.Skipped > 0)
            console.WriteLine($"{calibration.Skipped} records hold no pair of scores (not kept, not labelled, or not scored by both) and were left out");
        console.WriteLine($"Written to {path}");
    }
}
