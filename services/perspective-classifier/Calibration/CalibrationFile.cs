using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>A fitted calibration as it is saved: when, for which model, from how much, and how good.</summary>
/// <param name="FittedAt">When it was fitted.</param>
/// <param name="ModelRevision">The model whose scores it maps; null: not recorded, so that it is taken for any.</param>
/// <param name="Attributes">A curve for each attribute.</param>
/// <param name="Skipped">Records of the file it was fitted from that held no pair of scores: not labelled, or not scored by both.</param>
public sealed record CalibrationFile(
    DateTimeOffset FittedAt, string? ModelRevision, IReadOnlyDictionary<string, AttributeCalibration> Attributes, int Skipped = 0)
{
    private const int MaxBytes = 16 << 20;

    private static readonly JsonSerializerOptions Indented = new(MillraceJson.Options) { WriteIndented = true };

    /// <exception cref="ConfigurationException">The file is missing or wrong; the message says what to do.</exception>
    public static CalibrationFile Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new ConfigurationException($"{path}: larger than {MaxBytes} bytes; no calibration is.");
            var file = JsonSerializer.Deserialize<CalibrationFile>(File.ReadAllBytes(path), MillraceJson.Options);
            if (file?.Attributes is not { Count: > 0 })
                throw new ConfigurationException($"{path}: holds no attributes; make it with 'millrace calibrate'.");
            foreach (var (name, attribute) in file.Attributes)
                _ = new IsotonicCurve(attribute?.Knots ?? throw new ConfigurationException($"{path}: '{name}' has no knots; make it again with 'millrace calibrate'."));
            return file;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            throw new ConfigurationException($"{path}: {wrong.Message} Make it again with 'millrace calibrate'.");
        }
    }

    /// <summary>Written beside under a name of its own and moved into place, so that no reader sees half of it and no writer another's half.</summary>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public void Write(string path)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var beside = $"{full}.{Guid.NewGuid():N}.new";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, this, Indented);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}

/// <summary>One attribute's curve and its figures, measured on every pair by a curve that was fitted to the other four fifths.</summary>
/// <param name="ErrorBefore">Mean absolute difference to the reference without a curve.</param>
/// <param name="ErrorAfter">The same with one.</param>
/// <param name="Agreement">How the raw scores go with the reference's, on all pairs.</param>
/// <param name="Thresholds">What a threshold means before and after; null in files that were written before this was measured.</param>
public sealed record AttributeCalibration(
    int Pairs,
    double ErrorBefore,
    double ErrorAfter,
    AttributeAgreement Agreement,
    IReadOnlyList<double[]> Knots,
    IReadOnlyList<ThresholdAgreement>? Thresholds = null);
