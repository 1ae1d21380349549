namespace Millrace.Storage;

public enum StoreFailure
{
    /// <summary>The URL or an option is wrong; refuse to start.</summary>
    Configuration,

    /// <summary>What is stored can't be read as it was written; refuse to start, restore a copy.</summary>
    Corrupt,

    /// <summary>The schema was written by a newer Millrace; refuse to start.</summary>
    SchemaTooNew,

    /// <summary>The disk is full; transient, works again once there is space.</summary>
    Full,

    /// <summary>The store can't be reached or is busy; transient.</summary>
    Unavailable,
}

/// <summary>A store refused or failed. Messages never hold credentials.</summary>
public sealed class StoreException(StoreFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public StoreFailure Failure { get; } = failure;

    internal static StoreException TooNew(int found, int known) => new(
        StoreFailure.SchemaTooNew,
        $"The store has schema {found}, and this Millrace knows up to {known}: a newer one has migrated it. Run that or a later one, or open a "
        + "copy of the store from before.");

    /// <summary>True if the same call may succeed later.</summary>
    public bool IsTransient => Failure is StoreFailure.Full or StoreFailure.Unavailable;
}
