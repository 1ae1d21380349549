using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.PerspectiveClassifier.Calibration;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace calibrate FILE</c>: a monotone map from local scores to recorded ones, so that thresholds keep their meaning.</summary>
internal static class CalibrateVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "JSON Lines of recorded scores: results of the provider shadow, or pairs by attribute." };
        var to = new Option<string>("--output") { Description = "Where the calibration is written; name it in Classifier:Instances:NAME:CalibrationPath.", DefaultValueFactory = _ => "calibration.json" };
        var revision = new Option<string?>("--model-revision") { Description = "The local model's revision, if the file does not say it." };
        var json = VerbAction.JsonOption();
        var verb = new Command("calibrate", "Fit local scores to recorded ones.") { file, to, revision, json };
        verb.Run(json, (parsed, output, _) =>
        {
            try
            {
                var calibration = CalibrationFit.FitFile(parsed.GetRequiredValue(file), parsed.GetValue(revision), TimeProvider.System.GetUtcNow());
                calibration.Write(parsed.GetRequiredValue(to));
                output.Write(calibration, console =>
                {
                    foreach (var (attribute, fitted) in calibration.Attributes)
                        console.WriteLine($"{attribute}: {fitted.Pairs} pairs, mean error {fitted.ErrorBefore} before and {fitted.ErrorAfter} after, on pairs held out");
                    console.WriteLine($"Written to {parsed.GetRequiredValue(to)}");
                });
                return Task.FromResult(ExitCodes.Ok);
            }
            catch (InvalidDataException error)
            {
                return Task.FromResult(output.Fail(error.Message));
            }
        });
        return verb;
    }
}
