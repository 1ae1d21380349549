namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>One classifier of this service: its name, how it is set up, and its provider.</summary>
public sealed record NamedClassifier(string Name, ClassifierInstanceOptions Options, IPostClassifier Provider);

/// <summary>All classifiers of this service, in the order of the configuration.</summary>
public sealed class ClassifierSet(IReadOnlyList<NamedClassifier> classifiers)
{
    public IReadOnlyList<NamedClassifier> All { get; } = classifiers;

    /// <returns>Null if there is none of that name.</returns>
    public NamedClassifier? Find(string name) => All.FirstOrDefault(classifier => classifier.Name == name);
}
