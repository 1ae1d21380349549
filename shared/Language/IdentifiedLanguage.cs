namespace Millrace.Language;

/// <summary>The language that a text seems to be in.</summary>
/// <param name="Code">ISO 639-1, or <c>und</c> where the text holds no words.</param>
/// <param name="Confidence">0 to 1; on short texts it is low, and it is meant to be.</param>
/// <param name="Script">ISO 15924 name of the script most letters are in, such as <c>Latin</c>.</param>
public sealed record IdentifiedLanguage(string Code, double Confidence, string Script)
{
    public static IdentifiedLanguage Unknown { get; } = new("und", 0, "Common");
}
