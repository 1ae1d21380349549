using System.Text.RegularExpressions;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Runs calls with errors turned into the store's own.</summary>
internal static partial class MongoErrors
{
    private const int Unauthorized = 13;

    public static async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (MongoException error) when (IsRefusedUser(error))
        {
            throw new StoreException(StoreFailure.Configuration, "MongoDB refuses this user.", error);
        }
        catch (MongoIncompatibleDriverException error)
        {
            throw new StoreException(StoreFailure.Configuration, $"This MongoDB is too old or too new ({error.Message}).", error);
        }
        catch (MongoCommandException error) when (DocumentSize.IsTooLarge(error.Code))
        {
            throw new ArgumentException($"MongoDB refuses a document over its 16 MiB ({error.Message}).", error);
        }
        catch (TimeoutException error)
        {
            throw new StoreException(StoreFailure.Unavailable, $"MongoDB can't be reached ({FindCause(error.Message)}).", error);
        }
        catch (MongoException error)
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

    /// <summary>The driver describes all that it knows of each server; the last cause in there is why one did not answer.</summary>
    private static string FindCause(string description) =>
        CausePattern().Matches(description) is [.., var last] ? last.Groups[1].Value : "no server that can take writes answered in time";

    [GeneratedRegex(@"---> [\w.]+(?: \([^)]*\))?: ([^\u240A\n]+)")]
    private static partial Regex CausePattern();

    private static bool IsRefusedUser(MongoException error) =>
        error is MongoAuthenticationException or MongoCommandException { Code: Unauthorized };
}
