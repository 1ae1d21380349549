using System.Text.RegularExpressions;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Tutorial;

/// <summary>The code of <c>infra/docs/tutorial.md</c>, as a reader copies it.</summary>
internal static partial class TutorialPage
{
    private const string Broker = "amqp://guest:guest@127.0.0.1:5672";

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Infra, "docs", "tutorial.md"));

    /// <summary>The one block in this language, with the address of another broker in the place of the page's.</summary>
    public static string Block(string language, RabbitMqNode broker) =>
        Blocks().Matches(Text).Single(block => block.Groups["language"].Value == language).Groups["code"].Value
            .Replace(Broker, broker.Url, StringComparison.Ordinal);

    [GeneratedRegex(@"^```(?<language>[a-z]+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
