using System.Net;
using Millrace.Storage.Mongo;
using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Misc;
using MongoDB.Driver.Core.Servers;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>Which of the driver's errors no second try will mend.</summary>
public sealed class MongoErrorsTests
{
    private static readonly ServerId Server = new(new ClusterId(), new DnsEndPoint("127.0.0.1", 1));
    private static readonly ConnectionId Connection = new(Server);

    public static TheoryData<MongoException, StoreFailure> Errors => new()
    {
        { new MongoAuthenticationException(Connection, "no"), StoreFailure.Configuration },
        { Command(13, "not authorized on millrace to execute command"), StoreFailure.Configuration },
        { new MongoIncompatibleDriverException(OldServer()), StoreFailure.Configuration },
        { Command(10107, "not primary"), StoreFailure.Unavailable },
        { new MongoConnectionException(Connection, "broken"), StoreFailure.Unavailable },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_refused_user_and_a_server_of_another_age_are_bad_configuration_and_outages_are_not(MongoException error, StoreFailure failure) =>
        Assert.Equal(failure, (await Assert.ThrowsAsync<StoreException>(() => MongoErrors.RunAsync<int>(() => throw error))).Failure);

    private static ClusterDescription OldServer() => new(
        Server.ClusterId, directConnection: true, dnsMonitorException: null, ClusterType.Standalone,
        [new ServerDescription(Server, Server.EndPoint, state: ServerState.Connected, type: ServerType.Standalone, wireVersionRange: new Range<int>(0, 8))]);

    private static MongoCommandException Command(int code, string message) => new(
        Connection, message, new BsonDocument("insert", "requests"), new BsonDocument { ["ok"] = 0, ["code"] = code, ["errmsg"] = message });
}
