namespace Millrace.PerspectiveClassifier;

/// <summary>Configuration section <c>Classifier</c>.</summary>
public sealed record ClassifierOptions
{
    public const string Section = "Classifier";

    /// <summary>
    /// The classifiers of this service by name, each on its own queue. None: one called <c>perspective</c> that scores with the bundled
    /// model. The first one that scores locally answers the Perspective-compatible routes.
    /// </summary>
    public Dictionary<string, ClassifierInstanceOptions> Instances { get; init; } = [];

    /// <summary>Origins such as <c>https://example.org</c> whose web pages may call the Perspective-compatible routes (CORS), or <c>*</c> for any; none by default.</summary>
    public string[] AllowedOrigins { get; init; } = [];
}
