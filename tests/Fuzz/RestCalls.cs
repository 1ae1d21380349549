using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Millrace.Fuzz.Tests;

/// <summary>One call, byte by byte.</summary>
/// <param name="Aim">The route that it would reach if it were not mutated.</param>
/// <param name="IsMutated">Its request line or headers may be none.</param>
/// <param name="IsCut">It ends before it is whole, so that its sender may be left without an answer.</param>
/// <param name="MayWait">It asks for what comes later, so that its sender leaves when it has waited a while.</param>
internal sealed record RestCall(RouteEndpoint Aim, string Method, byte[] Bytes, bool HasKey, bool IsMutated, bool IsCut, bool MayWait)
{
    public override string ToString() => $"to {Aim.DisplayName}: {Convert.ToHexString(Bytes)}\n{Encoding.UTF8.GetString(Bytes)}";
}

/// <summary>Makes calls of every route that the host has mapped.</summary>
internal sealed class RestCalls(RestHost host)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"];

    private static readonly string[] Queries =
    [
        "limit=10", "after=x", "workflow=chain", "status=running", "status=failed", "step=a", "key=1", "error=bad", "from=2026-01-01T00:00:00Z",
        "before=2999-01-01T00:00:00%2B02:00", "parent=7f1d2c3b-0000-4000-8000-000000000001", "dryRun=true", "wait=0s", "priority=5", "classifier=perspective",
    ];

    private static readonly string[] Headers =
    [
        "request-id: 7f1d2c3b-0000-4000-8000-000000000001\r\n", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n",
        "If-None-Match: W/\"1-0123456789abcdef\"\r\n", "Last-Event-ID: 1.0\r\n", "Accept: text/html\r\n", "Authorization: Bearer a.b.c\r\n", "Accept-Encoding: gzip\r\n",
    ];

    private static readonly (string Route, string[] Bodies)[] Bodies =
    [
        (":analyze", ["""{"comment":{"text":"You are kind. And you?"},"requestedAttributes":{"TOXICITY":{"scoreThreshold":0.1} },"languages":["en"],"spanAnnotations":true}"""]),
        (":suggestscore", ["""{"comment":{"text":"You are kind."},"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.1} } },"clientToken":"t"}"""]),
        ("/embeddings", ["""{"input":["one","two"],"encoding_format":"base64","dimensions":8}""", """{"input":"one"}""", """{"input":[[1,2],[3]],"model":"m"}"""]),
        ("", ["""{"uri":"at://1","text":"x"}""", """[{"uri":"a"},{"uri":"b"}]""", ""]),
    ];

    private readonly Dictionary<string, string[]> _parts = new()
    {
        ["name"] = ["chain", "fan", "quick", "embedding@r", RestHost.ElsewhereName],
        ["step"] = ["a", "b", "per-item.one", "preprocess"],
        ["route"] = ["health/ready", "metrics", "x"],
        ["documentName"] = ["v1"],
        ["file"] = ["index.js"],
        ["id"] = [.. host.Ids],
    };

    private readonly RouteEndpoint[] _endpoints = [.. host.Endpoints];

    public RestCall Make(int seed)
    {
        var random = new Random(seed);
        var aim = Pick(_endpoints, random);
        if (IsSlow(aim) && random.Next(16) > 0)
            aim = Pick(_endpoints, random);
        var allowed = aim.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods;
        var method = random.Next(8) > 0 ? allowed?[0] ?? "GET" : Pick(Methods, random);
        var target = PathOf(aim.RoutePattern, random) + Query(random);
        var hasKey = host.HasKeys && random.Next(4) > 0;
        var (isMutated, isCut) = (random.Next(3) == 0, random.Next(32) == 0);
        var bytes = Write(method, target, Header(hasKey, random), Body(aim.RoutePattern, random), isMutated ? random : null);
        if (isCut)
            bytes = bytes[..random.Next(bytes.Length)];
        var text = Encoding.Latin1.GetString(bytes);
        var mayWait = text.Contains("/events", StringComparison.OrdinalIgnoreCase) || text.Contains("wait", StringComparison.OrdinalIgnoreCase);
        return new RestCall(aim, method, bytes, hasKey, isMutated || IsNoText(target), isCut, mayWait);
    }

    /// <summary>A search for a dead letter takes two seconds where there is none.</summary>
    private static bool IsSlow(RouteEndpoint route) => route.RoutePattern.RawText!.Contains("dead-letters/{id}", StringComparison.Ordinal);

    /// <summary>A path with it is none to the server.</summary>
    private static bool IsNoText(string target) => target.Contains("%00", StringComparison.Ordinal);

    /// <summary>The first call of each route, so that none is left out by chance.</summary>
    public IEnumerable<int> OneOfEach()
    {
        var left = _endpoints.ToHashSet();
        for (var seed = 0; left.Count > 0; seed++)
        {
            if (Make(seed) is { IsMutated: false, IsCut: false } call && left.Remove(call.Aim))
                yield return seed;
        }
    }

    private string PathOf(RoutePattern pattern, Random random) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart parameter => Part(parameter.Name, random),
        _ => "",
    }))));

    /// <summary>What a route is new with has the values of all others, until it is given its own.</summary>
    private string Part(string name, Random random)
    {
        var value = Pick(_parts.GetValueOrDefault(name) ?? [.. _parts.Values.SelectMany(values => values)], random);
        return random.Next(6) > 0 ? value : Escape(Mutations.Mutate(value, random));
    }

    private static string Query(Random random)
    {
        if (random.Next(3) == 0)
            return "";
        var pairs = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(Queries, random));
        return "?" + string.Join('&', pairs.Select(pair => random.Next(4) > 0 ? pair : Escape(Mutations.Mutate(pair, random))));
    }

    private static string Header(bool hasKey, Random random)
    {
        var key = hasKey ? $"X-Api-Key: {RestHost.Key}\r\n" : random.Next(2) == 0 ? "X-Api-Key: wrong\r\n" : "";
        return key + (random.Next(3) == 0 ? Pick(Headers, random) : "") + (random.Next(8) > 0 ? "Content-Type: application/json\r\n" : "");
    }

    private static byte[] Body(RoutePattern pattern, Random random)
    {
        var good = Pick(Bodies.First(each => pattern.RawText!.Contains(each.Route, StringComparison.Ordinal)).Bodies, random);
        return random.Next(3) == 0 ? Encoding.UTF8.GetBytes(good) : Mutations.Mutate(good, random);
    }

    /// <param name="random">Mutates the target and the headers as they are, or not at all.</param>
    private static byte[] Write(string method, string target, string headers, byte[] body, Random? random)
    {
        byte[] Perhaps(string text) => random?.Next(2) == 0 ? Mutations.Mutate(text, random) : Encoding.ASCII.GetBytes(text);
        return
        [
            .. Encoding.ASCII.GetBytes($"{method} "), .. Perhaps(target), .. " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"u8, .. Perhaps(headers),
            .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n")), .. body,
        ];
    }

    /// <summary>As a client would, so that strange bytes get past the request line.</summary>
    private static string Escape(byte[] text) => string.Concat(text.Select(each =>
        char.IsAsciiLetterOrDigit((char)each) || "/=&-_.:@"u8.Contains(each) ? $"{(char)each}" : $"%{each:X2}"));

    private static T Pick<T>(IReadOnlyList<T> from, Random random) => from[random.Next(from.Count)];
}
