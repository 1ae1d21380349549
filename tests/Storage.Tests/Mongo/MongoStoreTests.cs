using Millrace.Storage.Tests.Conformance;

namespace Millrace.Storage.Tests.Mongo;

public sealed class MongoStoreTests(MongoStoreFixture fixture) : StoreConformance(fixture), IClassFixture<MongoStoreFixture>;

/// <summary>Runs against the server that MONGODB_URL names, in databases of its own.</summary>
public sealed class MongoStoreFixture : StoreFixture
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("MONGODB_URL");

    public override string? SkipReason =>
        string.IsNullOrEmpty(Server) ? "No MongoDB server can be installed here; set MONGODB_URL to run these tests." : null;

    public override Task<string> NewUrlAsync()
    {
        var url = new UriBuilder(Server!) { Path = $"/millrace-test-{Guid.NewGuid():N}"[..40] };
        return Task.FromResult(url.Uri.OriginalString);
    }
}
