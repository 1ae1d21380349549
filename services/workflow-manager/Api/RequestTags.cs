using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Millrace.Contracts;
using Millrace.Contracts.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>
/// Entity tags of requests as they are shown. They are weak and hold the version and a hash of the view: the reason why a request is not done
/// changes without a new version.
/// </summary>
internal static class RequestTags
{
    private const int HashBytes = 8;

    public static EntityTagHeaderValue Of(long version, RequestView view)
    {
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(view, MillraceJson.Options)).AsSpan(0, HashBytes);
        return new EntityTagHeaderValue(string.Create(CultureInfo.InvariantCulture, $"\"{version}-{Convert.ToHexStringLower(hash)}\""), isWeak: true);
    }

    /// <returns>The tags of an <c>If-None-Match</c>; none if there is no such header or it can't be read, which then asks for nothing.</returns>
    public static IList<EntityTagHeaderValue> Parse(StringValues header) =>
        EntityTagHeaderValue.TryParseList(header.ToArray()!, out var tags) ? tags : [];

    public static bool HaveVersion(this IEnumerable<EntityTagHeaderValue> known, long version)
    {
        var start = string.Create(CultureInfo.InvariantCulture, $"\"{version}-");
        return known.Any(tag => tag.Tag.StartsWith(start, StringComparison.Ordinal) || tag.Equals(EntityTagHeaderValue.Any));
    }

    public static bool Have(this IEnumerable<EntityTagHeaderValue> known, EntityTagHeaderValue tag) =>
        known.Any(one => one.Compare(tag, useStrongComparison: false) || one.Equals(EntityTagHeaderValue.Any));
}
