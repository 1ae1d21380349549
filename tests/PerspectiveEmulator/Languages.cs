namespace Millrace.PerspectiveEmulator;

/// <summary>Enough of a detector to walk every path of the contract: by script alone, and of several scripts several languages.</summary>
internal static class Languages
{
    public static List<string> Detect(string text) => [.. text.Where(char.IsLetter).Select(Of).Distinct()];

    private static string Of(char letter) => letter switch
    {
        < '\u0370' => "en",
        < '\u0400' => "el",
        < '\u0530' => "ru",
        >= '\u0590' and < '\u0600' => "he",
        >= '\u0600' and < '\u0780' => "ar",
        >= '\u3040' and < '\u3100' => "ja",
        >= '\u4E00' and < '\uA000' => "zh",
        >= '\uAC00' and < '\uD7B0' => "ko",
        _ => "und",
    };
}
