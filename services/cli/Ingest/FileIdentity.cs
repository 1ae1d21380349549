using System.Security.Cryptography;
using System.Text;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Ingest;

/// <summary>Names a list of files by their paths, lengths and times, so that what is remembered of them is not taken for others.</summary>
internal static class FileIdentity
{
    /// <param name="more">What else tells this from other work on the same files.</param>
    public static string Of(IReadOnlyList<string> files, params string[] more)
    {
        var identity = string.Join('\n', [.. more, .. files.Select(Describe)]);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16];
    }

    private static string Describe(string file) =>
        file == PostFile.StandardInput ? file : $"{Path.GetFullPath(file)} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file):O}";
}
