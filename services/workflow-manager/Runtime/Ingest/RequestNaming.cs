using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>
/// Gives a post its request id without memory and without chance, so that publishing twice is one request. The first that
/// applies: the key at the workflow's path; the sender's own id (a UUID as it is, other text derived); the payload's hash,
/// so that the same bytes are the same request. A UUID of version 5 is derived from too, since a sender could work out one that a
/// request or an item of a task is to have.
/// </summary>
internal static class RequestNaming
{
    /// <exception cref="RefusedException">The key is neither text nor a number, or too long.</exception>
    public static (Guid Id, string? Key) Name(string workflow, string? keyPath, Post post, string? senderId, int index)
    {
        if (keyPath is not null && FindKey(post.Value, keyPath) is { } key)
            return (RequestIds.ForKey(workflow, key), key);
        if (!string.IsNullOrEmpty(senderId))
        {
            var id = Guid.TryParse(senderId, out var given) && given.Version != 5 ? given : Derive(workflow, "message:" + senderId);
            return (index == 0 ? id : RequestIds.ForChild(id, "", index), null);
        }
        return (Derive(workflow, "payload:" + Convert.ToHexStringLower(SHA256.HashData(post.Utf8.Span))), null);
    }

    /// <summary>The same post's id where another workflow's request, or an item of a task, has the one that its sender gave.</summary>
    public static Guid NameAside(string workflow, Guid taken) => Derive(workflow, "taken:" + taken);

    /// <summary>An empty key is no key, so nothing that a post names can meet these.</summary>
    private static Guid Derive(string workflow, string source) => RequestIds.ForChild(RequestIds.ForKey(workflow, ""), source, 0);

    private static string? FindKey(JsonElement value, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
                return null;
        }
        var key = value.ValueKind switch
        {
            JsonValueKind.String => ReadText(value, path),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Null => null,
            var kind => throw new RefusedException("bad-key", $"The key '{path}' is a JSON {kind}; it must be text or a number."),
        };
        if (key is not null && Encoding.UTF8.GetByteCount(key) > RequestRecord.MaxKeyBytes)
            throw new RefusedException("bad-key", $"The key '{path}' is longer than {RequestRecord.MaxKeyBytes} bytes.");
        return string.IsNullOrEmpty(key) ? null : key;
    }

    private static string ReadText(JsonElement value, string path)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException("bad-key", $"The key '{path}' is not valid Unicode text.");
        }
    }
}
