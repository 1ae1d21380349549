using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Shadow;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>One classifier of this service: its name, how it is set up, and its provider.</summary>
public sealed record NamedClassifier(string Name, ClassifierInstanceOptions Options, IPostClassifier Provider);

/// <summary>All classifiers of this service, in the order of the configuration; filled before anything is served.</summary>
public sealed class ClassifierSet
{
    private volatile IReadOnlyList<NamedClassifier> _all = [];

    public IReadOnlyList<NamedClassifier> All => _all;

    /// <summary>The first classifier that scores locally, alone or beside another: it answers the Perspective-compatible routes. Null if none does.</summary>
    public NamedClassifier? Compatible => _all
        .Where(classifier => classifier.Options.Output == ClassifierOutput.Record)
        .Select(classifier => classifier.Provider switch
        {
            OnnxProvider => classifier,
            ShadowProvider shadow => classifier with { Provider = shadow.Calibrated },
            _ => null,
        })
        .FirstOrDefault(local => local is not null);

    /// <returns>Null if there is none of that name.</returns>
    public NamedClassifier? Find(string name) => _all.FirstOrDefault(classifier => classifier.Name == name);

    /// <summary>Another provider under the same name and options.</summary>
    internal void Replace(string name, IPostClassifier provider) =>
        _all = [.. _all.Select(classifier => classifier.Name == name ? classifier with { Provider = provider } : classifier)];

    internal void Add(NamedClassifier classifier) => _all = [.. _all, classifier];
}
