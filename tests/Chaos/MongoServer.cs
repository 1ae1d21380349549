using MongoDB.Driver;

namespace Millrace.Chaos.Tests;

/// <summary>The server that MONGODB_URL names: one address, so that every call goes by the wires of the test.</summary>
internal sealed class MongoServer
{
    private const int UsualPort = 27017;

    private readonly Uri _url = new(Environment.GetEnvironmentVariable("MONGODB_URL") ?? throw new InvalidOperationException("MONGODB_URL is not set"));

    public static bool IsThere => Environment.GetEnvironmentVariable("MONGODB_URL") is { Length: > 0 };

    public int Port => _url.Port > 0 ? _url.Port : UsualPort;

    public Uri UrlOf(string database) => new UriBuilder(_url) { Path = $"/millrace-{database}", Query = "directConnection=true" }.Uri;

    public Task DropDatabaseAsync(string database) => new MongoClient(_url.OriginalString).DropDatabaseAsync(UrlOf(database).AbsolutePath.TrimStart('/'));
}
