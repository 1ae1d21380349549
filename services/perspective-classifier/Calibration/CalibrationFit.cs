namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>Fits calibrations from recorded pairs of scores.</summary>
public static class CalibrationFit
{
    /// <summary>Fewer pairs of an attribute fit nothing worth having.</summary>
    public const int LeastPairs = 50;

    private const int Folds = 5;

    /// <param name="pairs">By attribute; attributes with fewer than <see cref="LeastPairs"/> are left out.</param>
    /// <returns>Null if no attribute has enough pairs.</returns>
    public static CalibrationFile? Fit(
        IReadOnlyDictionary<string, IReadOnlyList<ScorePair>> pairs, string? modelRevision, DateTimeOffset now)
    {
        var fitted = pairs.Where(attribute => attribute.Value.Count >= LeastPairs)
            .ToDictionary(attribute => attribute.Key, attribute => FitOne(attribute.Value));
        return fitted.Count == 0 ? null : new CalibrationFile(now, modelRevision, fitted);
    }

    /// <summary>What <c>millrace calibrate FILE</c> does: reads recorded scores, line by line, and fits them.</summary>
    /// <param name="modelRevision">The local model's, where the file does not say it.</param>
    /// <exception cref="InvalidDataException">
    /// A line cannot be read, the file is of another model revision or of several, or no attribute has enough pairs.
    /// </exception>
    public static CalibrationFile FitFile(string path, string? modelRevision, DateTimeOffset now)
    {
        var recorded = RecordedPairs.Read(File.ReadLines(path), path);
        if (modelRevision is not null && recorded.ModelRevision is { } recordedBy && recordedBy != modelRevision)
            throw new InvalidDataException($"{path}: its scores are of model revision {recordedBy}, not of {modelRevision}; leave the revision away to take the file's own.");
        if (Fit(recorded.Pairs, recorded.ModelRevision ?? modelRevision, now) is { } fitted)
            return fitted with { Skipped = recorded.Skipped };
        var found = recorded.Pairs.Count == 0 ? "none" : string.Join(", ", recorded.Pairs.Select(pair => $"{pair.Key} {pair.Value.Count}"));
        throw new InvalidDataException(
            $"{path}: no attribute has {LeastPairs} pairs of scores; found {found}, and {recorded.Skipped} records without a pair ('scores' with 'shadow' or 'reference').");
    }

    private static AttributeCalibration FitOne(IReadOnlyList<ScorePair> pairs)
    {
        var unseen = new double[pairs.Count];
        for (var fold = 0; fold < Folds; fold++)
        {
            var curve = IsotonicCurve.Fit([.. pairs.Where((_, at) => at % Folds != fold)]);
            for (var at = fold; at < pairs.Count; at += Folds)
                unseen[at] = curve.Apply(pairs[at].Score);
        }
        return new AttributeCalibration(
            pairs.Count,
            Math.Round(pairs.Average(pair => Math.Abs(pair.Score - pair.Reference)), 4),
            Math.Round(pairs.Select((pair, at) => Math.Abs(unseen[at] - pair.Reference)).Average(), 4),
            AttributeAgreement.Of(pairs),
            IsotonicCurve.Fit(pairs).Knots,
            ThresholdAgreement.Of(pairs, unseen));
    }
}
