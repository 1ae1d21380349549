using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Runs calls with errors turned into the store's own.</summary>
internal static class MongoErrors
{
    public static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (MongoAuthenticationException error)
        {
            throw new StoreException(StoreFailure.Configuration, "MongoDB refuses this user.", error);
        }
        catch (MongoCommandException error) when (DocumentSize.IsTooLarge(error.Code))
        {
            throw new ArgumentException($"MongoDB refuses a document over its 16 MiB ({error.Message}).", error);
        }
        catch (Exception error) when (error is MongoException or TimeoutException)
        {
            throw new StoreException(StoreFailure.Unavailable, $"MongoDB failed ({error.Message}).", error);
        }
    }

    public static bool IsDuplicate(MongoException error) => error switch
    {
        MongoWriteException write => write.WriteError?.Category == ServerErrorCategory.DuplicateKey,
        MongoCommandException command => command.Code == 11000,
        _ => false,
    };
}
