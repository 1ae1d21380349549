using Microsoft.Extensions.Logging.Abstractions;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;
using Millrace.PerspectiveEmulator;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>A provider of the emulator's server.</summary>
public abstract class ProviderTest
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected static Task<PerspectiveServer> Start(EmulatorOptions options) => PerspectiveServer.StartAsync(options, Cancel);

    private protected static PerspectiveProvider Provider(
        PerspectiveServer server, IReadOnlyList<string>? attributes = null, Func<PerspectiveOptions, PerspectiveOptions>? change = null) =>
        Provider(server.BaseUrl, attributes, change);

    private protected static PerspectiveProvider Provider(
        Uri url, IReadOnlyList<string>? attributes = null, Func<PerspectiveOptions, PerspectiveOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new PerspectiveOptions { BaseUrl = url, QuotaPermits = 1_000, QuotaWindowSeconds = 1 };
        return new PerspectiveProvider(
            change?.Invoke(options) ?? options, attributes ?? PerspectiveAttributes.Pipeline, clock ?? TimeProvider.System, ClassifierFixture.Metrics, NullLogger.Instance);
    }

    private protected static async Task<PostClassification> Classify(PerspectiveProvider provider, string text, string? language) =>
        (await provider.ClassifyAsync([new PostToClassify("x", text, language)], Cancel))[0];
}
