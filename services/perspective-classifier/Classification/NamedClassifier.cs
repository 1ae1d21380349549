using Millrace.PerspectiveClassifier.Local;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>One classifier of this service: its name, how it is set up, and its provider.</summary>
public sealed record NamedClassifier(string Name, ClassifierInstanceOptions Options, IPostClassifier Provider);

/// <summary>All classifiers of this service, in the order of the configuration; filled before anything is served.</summary>
public sealed class ClassifierSet
{
    private volatile IReadOnlyList<NamedClassifier> _all = [];

    public IReadOnlyList<NamedClassifier> All => _all;

    /// <summary>The classifier that answers the Perspective-compatible routes; null if none scores locally.</summary>
    public NamedClassifier? Compatible => _all.FirstOrDefault(classifier => classifier.Provider is OnnxProvider && classifier.Options.Output == ClassifierOutput.Record);

    /// <returns>Null if there is none of that name.</returns>
    public NamedClassifier? Find(string name) => _all.FirstOrDefault(classifier => classifier.Name == name);

    internal void Add(NamedClassifier classifier) => _all = [.. _all, classifier];
}
