using System.Net;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using static Millrace.Hosting.Tests.TestHost;

namespace Millrace.Hosting.Tests;

public sealed class AccessTests
{
    [Theory]
    [InlineData(null, "/read", HttpStatusCode.Unauthorized)]
    [InlineData("wrong", "/read", HttpStatusCode.Unauthorized)]
    [InlineData(AccessRoles.Read, "/read", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Read, "/ingest", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Read, "/operate", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Ingest, "/ingest", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Ingest, "/operate", HttpStatusCode.Forbidden)]
    [InlineData(AccessRoles.Operate, "/operate", HttpStatusCode.OK)]
    [InlineData(AccessRoles.Operate, "/ingest", HttpStatusCode.OK)]
    public async Task A_key_opens_what_its_roles_name(string? role, string path, HttpStatusCode expected)
    {
        var keys = AccessRoles.All.ToDictionary(name => name, _ => ApiKey.Create());
        await using var app = await StartAsync(keys.SelectMany((key, index) => KeySettings(index, key.Key, key.Value)));
        var text = role is null ? null : keys.TryGetValue(role, out var key) ? key.Text : role;

        Assert.Equal(expected, await CallAsync(app, path, text));
    }

    [Fact]
    public async Task A_key_in_the_address_counts_only_where_Perspectives_clients_call()
    {
        var key = ApiKey.Create();
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Read, key));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/v1alpha1/read?key=" + key.Text, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/v1alpha1/read?key=wrong", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(app, "/read?key=" + key.Text, null));
    }

    [Fact]
    public async Task Health_and_OpenAPI_need_no_key()
    {
        await using var app = await StartAsync(KeySettings(0, AccessRoles.Read, ApiKey.Create()));

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/live", null));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/health/ready", null));
        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/openapi/v1.json", null));
    }

    [Fact]
    public async Task Without_keys_loopback_is_open()
    {
        await using var app = await StartAsync([]);

        Assert.Equal(HttpStatusCode.OK, await CallAsync(app, "/operate", null));
    }

    [Fact]
    public void Another_address_without_keys_is_refused_at_start()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build([new("Hosting:Address", "0.0.0.0")]));

        Assert.Contains("millrace key", Assert.Single(error.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_named_at_once()
    {
        var error = Assert.Throws<ConfigurationException>(() => Build(
        [
            new("Hosting:Port", "99999"), new("Hosting:Address", "here"), new("Access:Keys:0:Name", "a"), new("Access:Keys:0:Sha256", "abc"),
            new("Access:Keys:0:Roles:0", "root"),
        ]));

        Assert.Equal(4, error.Problems.Count);
    }
}
