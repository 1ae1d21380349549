using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Local;

namespace Millrace.PerspectiveClassifier;

/// <summary>Everything that is wrong with the classifiers' options, at once.</summary>
internal static partial class ClassifierOptionsCheck
{
    private const double Rounding = 1e-6;

    public static IReadOnlyList<string> Problems(ClassifierOptions options)
    {
        var problems = new List<string>();
        foreach (var (name, instance) in options.Instances)
            problems.AddRange(Problems(name, instance));
        foreach (var shared in options.Instances.GroupBy(instance => instance.Value.Queue).Where(group => group.Count() > 1))
            problems.Add($"Classifier: {string.Join(" and ", shared.Select(instance => instance.Key))} consume the same queue '{shared.Key}'; give each its own.");
        problems.AddRange(SharedQuotas(options));
        problems.AddRange(options.AllowedOrigins.Where(origin => !IsOrigin(origin)).Select(origin =>
            $"Classifier:AllowedOrigins '{origin}' is no origin; write scheme and host, such as https://example.org, or * for any."));
        return problems;
    }

    /// <summary>Each classifier paces itself: two with one key would together call at twice its quota.</summary>
    private static IEnumerable<string> SharedQuotas(ClassifierOptions options) => options.Instances
        .Where(instance => instance.Value.Provider != ClassifierProvider.Onnx)
        .GroupBy(instance => (instance.Value.Perspective.BaseUrl, instance.Value.Perspective.ApiKey))
        .Where(key => key.Count() > 1 && key.Sum(instance => instance.Value.Perspective.QuotaShare) > 1 + Rounding)
        .Select(key => $"Classifier: {string.Join(" and ", key.Select(instance => instance.Key))} call {key.Key.BaseUrl} with the same key and would together go "
            + "above its quota; give each a key of its own, or a Perspective:QuotaShare, which add up to at most 1.");

    private static IEnumerable<string> Problems(string name, ClassifierInstanceOptions instance)
    {
        var prefix = $"Classifier:Instances:{name}";
        foreach (var problem in Annotated(instance))
            yield return $"{prefix}: {problem}";
        foreach (var attribute in instance.Attributes.Where(attribute => !AttributeName().IsMatch(attribute)))
            yield return $"{prefix}:Attributes: '{attribute}' is no attribute's name; they are written like SEVERE_TOXICITY.";
        foreach (var twice in instance.Attributes.CountBy(attribute => attribute).Where(found => found.Value > 1))
            yield return $"{prefix}:Attributes: '{twice.Key}' stands there {twice.Value} times; once is enough.";
        if (instance.Fallback != ClassifierFallback.None && instance.Provider != ClassifierProvider.Shadow)
            yield return $"{prefix}: Fallback 'secondary' is of a shadow, which has a local model beside the API; set Provider: shadow, or leave Fallback away.";
        if (instance.Provider != ClassifierProvider.Onnx)
        {
            foreach (var problem in RemoteProblems(instance))
                yield return $"{prefix}: {problem}";
        }
        if (instance.Provider == ClassifierProvider.Perspective)
            yield break;
        if (Problem(() => LocalModelFolder.Find(instance.Model)) is { } missing)
            yield return missing;
        if (instance is { Provider: ClassifierProvider.Onnx, CalibrationPath: { } path } && Problem(() => CalibrationFile.Read(path)) is { } wrong)
            yield return wrong;
    }

    private static IEnumerable<string> RemoteProblems(ClassifierInstanceOptions instance)
    {
        foreach (var problem in Annotated(instance.Perspective))
            yield return $"Perspective: {problem}";
        var url = instance.Perspective.BaseUrl;
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            yield return $"Perspective:BaseUrl '{url}' is no http address.";
        else if (string.IsNullOrEmpty(instance.Perspective.ApiKey) && url.Host.EndsWith(".googleapis.com", StringComparison.OrdinalIgnoreCase))
            yield return "Perspective:ApiKey is missing; Google's API answers nobody without. Set it, or score locally with Provider: onnx.";
        if (instance.Attributes.Length == 0)
            yield return "Attributes is empty; name what to ask the API for.";
        if (instance.Output == ClassifierOutput.Scores && instance.Provider == ClassifierProvider.Shadow)
            yield return "Output 'scores' is for local models; a shadow compares records.";
    }

    private static bool IsOrigin(string origin) => origin == "*"
        || (Uri.TryCreate(origin, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.GetLeftPart(UriPartial.Authority) == origin);

    private static string? Problem(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (ConfigurationException wrong)
        {
            return wrong.Message;
        }
    }

    private static IEnumerable<string> Annotated(object options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results.Select(result => result.ErrorMessage ?? "a value is out of its range");
    }

    [GeneratedRegex("^[A-Z][A-Z0-9_]{0,99}$")]
    private static partial Regex AttributeName();
}
