namespace Millrace.PerspectiveClassifier.Attributes;

/// <summary>The languages in which Perspective's documents say that an attribute is scored.</summary>
internal static class PerspectiveLanguages
{
    private static readonly HashSet<string> Production = ["TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT"];

    private static readonly HashSet<string> OfProduction =
        ["ar", "zh", "cs", "nl", "en", "fr", "de", "hi", "hi-Latn", "id", "it", "ja", "ko", "pl", "pt", "ru", "es", "sv"];

    /// <returns>True of an attribute that the documents do not name: nothing is said of it.</returns>
    public static bool Serve(string attribute, string language) =>
        !PerspectiveAttributes.Known.Contains(attribute) || (Production.Contains(attribute) ? OfProduction.Contains(language) : language == "en");
}
