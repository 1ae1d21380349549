using Millrace.Storage.Mongo;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>What can be said of the adapter without a server.</summary>
public sealed class MongoSettingsTests
{
    private const string Url = "mongodb://127.0.0.1:1/?readPreference=secondary&readConcernLevel=local&w=1";

    [Fact]
    public void Whatever_the_URL_says_reads_go_to_the_primary_and_writes_wait_for_a_majority_but_not_for_ever()
    {
        using var client = new MongoClient(Url);
        var collections = new MongoCollections(client.GetDatabase("millrace"), TimeSpan.FromSeconds(7));

        foreach (var settings in new[] { collections.Requests, collections.Outbox, collections.Documents, collections.Meta }.Select(c => c.Settings))
        {
            Assert.Equal(ReadPreference.Primary, settings.ReadPreference);
            Assert.Equal(ReadConcern.Majority, settings.ReadConcern);
            Assert.Equal((WriteConcern.WMajority.W, TimeSpan.FromSeconds(7), true), (settings.WriteConcern.W, settings.WriteConcern.WTimeout, settings.WriteConcern.Journal));
        }
    }

    [Theory]
    [InlineData("key")]
    [InlineData("error_code")]
    [InlineData("error_step")]
    public void An_index_of_texts_is_filtered_by_what_every_search_for_a_text_implies(string field)
    {
        var index = Assert.Single(MongoSchema.RequestIndexes, index => index.Options.Name == $"by_{field}_text");
        var filter = ((BsonDocumentFilterDefinition<BsonDocument>)((CreateIndexOptions<BsonDocument>)index.Options).PartialFilterExpression).Document;

        Assert.Equal(field, ((BsonDocumentIndexKeysDefinition<BsonDocument>)index.Keys).Document.GetElement(0).Name);
        Assert.Equal(new BsonDocument { ["top"] = true, [field] = new BsonDocument("$gte", "") }, filter);
    }

    [Fact]
    public async Task A_server_that_cannot_be_selected_is_unavailable_after_the_time_that_the_options_give()
    {
        var options = new StoreOptions { BusyTimeoutMs = 50 };

        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync("mongodb://u:hunter2@127.0.0.1:1/db", options, TestContext.Current.CancellationToken));

        Assert.Equal((StoreFailure.Unavailable, "MongoDB can't be reached (Connection refused)."), (error.Failure, error.Message));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_transition_that_no_document_can_hold_is_refused_before_anything_is_sent()
    {
        var change = new RequestChange
        {
            Record = new RequestRecord
            {
                Id = Guid.NewGuid(),
                Workflow = "w",
                DefinitionHash = "h",
                Status = "running",
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Version = 1,
                State = new byte[DocumentSize.MaxTransitionBytes],
            },
        };

        DocumentSize.Check([change]);
        var error = Assert.Throws<ArgumentException>(() => DocumentSize.Check([change with { Timeline = new byte[1] }]));
        Assert.Contains(change.Record.Id.ToString(), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10334, true)]
    [InlineData(17419, true)]
    [InlineData(17420, true)]
    [InlineData(11000, false)]
    [InlineData(189, false)]
    public void The_servers_words_for_too_large_are_known(int code, bool isTooLarge) => Assert.Equal(isTooLarge, DocumentSize.IsTooLarge(code));
}
