using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Numbers of commits, unique among managers and taken from the store in blocks.</summary>
internal sealed class CommitNumbers(MongoCollections collections) : IDisposable
{
    private const int Block = 1000;

    private readonly SemaphoreSlim _gate = new(1);
    private long _next;
    private long _end;

    public async Task<long> NextAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_next == _end)
            {
                _end = await TakeBlockAsync(cancellationToken);
                _next = _end - Block;
            }
            return ++_next;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<long> TakeBlockAsync(CancellationToken cancellationToken)
    {
        var options = new FindOneAndUpdateOptions<BsonDocument> { IsUpsert = true, ReturnDocument = ReturnDocument.After };
        while (true)
        {
            try
            {
                var taken = await collections.Meta.FindOneAndUpdateAsync(
                    new BsonDocument("_id", "commits"), new BsonDocument("$inc", new BsonDocument("last", (long)Block)), options, cancellationToken);
                return taken["last"].ToInt64();
            }
            catch (MongoException error) when (MongoErrors.IsDuplicate(error))
            {
                // Another manager has just created the counter.
            }
        }
    }
}
