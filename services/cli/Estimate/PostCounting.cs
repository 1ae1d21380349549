using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Millrace.Cli.Posts;
using Millrace.Preprocessing;

namespace Millrace.Cli.Estimate;

/// <summary>Counts what preprocessing keeps of posts, set up as the service would be here: by the environment, else as it is shipped.</summary>
internal static class PostCounting
{
    public static PostCount Begin() => new(
        new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection(PreprocessingOptions.Section).Get<PreprocessingOptions>() ?? new());

    /// <summary>What is no JSON counts as a post that is not kept.</summary>
    public static void Add(this PostCount count, Post post)
    {
        try
        {
            using var document = JsonDocument.Parse(post.Body);
            count.Add(document.RootElement);
        }
        catch (JsonException)
        {
            count.Add(default(JsonElement));
        }
    }
}
