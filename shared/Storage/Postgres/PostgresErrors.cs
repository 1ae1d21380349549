using Npgsql;

namespace Millrace.Storage.Postgres;

internal static class PostgresErrors
{
    private const string IdleInTransactionTimeout = "25P03";

    public static StoreException From(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new(
            StoreFailure.Full, "The disk of PostgreSQL is full; nothing was saved.", error),
        PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted } server => new(
            StoreFailure.Corrupt, $"PostgreSQL's data is damaged ({server.MessageText}). Stop, and restore it from a copy.", error),
        PostgresException
        {
            SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
                or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege,
        } server => new(StoreFailure.Configuration, $"PostgreSQL refuses this user or database ({server.MessageText}).", error),
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => new(
            StoreFailure.Unavailable, "Another session of PostgreSQL has held what this call needs for longer than Store:BusyTimeoutMs.", error),
        PostgresException { SqlState: IdleInTransactionTimeout } => new(
            StoreFailure.Unavailable, "PostgreSQL ended a transaction in which it heard nothing for half of Store:BusyTimeoutMs; nothing was saved.", error),
        PostgresException server => new(StoreFailure.Unavailable, $"PostgreSQL failed with {server.SqlState} ({server.MessageText}).", error),
        NpgsqlException { InnerException: TimeoutException } when error.Message.Contains("pool", StringComparison.Ordinal) => new(
            StoreFailure.Unavailable, "All connections to PostgreSQL are in use. If that happens often, raise Store:ReadConnections, "
                + "Store:ViewConnections or Store:WriteConnections.", error),
        _ => new(StoreFailure.Unavailable, $"PostgreSQL can't be reached ({error.Message}).", error),
    };

    /// <summary>Two transactions waited for each other or PostgreSQL gave one up: trying the same again is right.</summary>
    public static bool IsCollision(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure };
}
