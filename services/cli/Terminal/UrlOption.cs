using System.CommandLine;

namespace Millrace.Cli.Terminal;

/// <summary>An option that takes an http or https URL.</summary>
internal static class UrlOption
{
    public static Option<Uri?> Create(string name, string description, string? otherwise = null) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise is null ? null : new Uri(otherwise),
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return url;
            result.AddError($"{name}: '{text}' is no URL such as http://127.0.0.1:8080.");
            return null;
        },
    };
}
