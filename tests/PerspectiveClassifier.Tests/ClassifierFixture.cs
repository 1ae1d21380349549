using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.PerspectiveClassifier.Tests;

/// <summary>Parts that every test of a provider needs.</summary>
internal static class ClassifierFixture
{
    public static ClassifierMetrics Metrics { get; } =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
}
