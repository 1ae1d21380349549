using System.Diagnostics.Metrics;

namespace Millrace.PerspectiveClassifier.Shadow;

/// <summary>The agreement as metrics: rank correlation and area under the curve, by attribute and threshold.</summary>
internal static class AgreementGauges
{
    public static void Add(Meter meter, string classifier, AgreementTracker tracker)
    {
        meter.CreateObservableGauge(
            "millrace.classifier.agreement.spearman",
            () => tracker.Agreement()
                .Where(attribute => attribute.Value.Spearman is not null)
                .Select(attribute => new Measurement<double>(
                    attribute.Value.Spearman!.Value, new("classifier", classifier), new KeyValuePair<string, object?>("attribute", attribute.Key))),
            description: "Rank correlation of the local model's scores with those that count");
        meter.CreateObservableGauge(
            "millrace.classifier.agreement.auc",
            () => tracker.Agreement().SelectMany(attribute => attribute.Value.AucAt.Select(area => new Measurement<double>(
                area.Value,
                new("classifier", classifier),
                new("attribute", attribute.Key),
                new KeyValuePair<string, object?>("threshold", area.Key)))),
            description: "Area under the ROC curve with the counting score cut at a threshold");
    }
}
