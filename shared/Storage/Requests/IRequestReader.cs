namespace Millrace.Storage.Requests;

/// <summary>Looks at requests. A read sees everything that was committed before it began.</summary>
public interface IRequestReader
{
    /// <summary>Requests with their outputs, in the order of the ids; null where none is stored.</summary>
    Task<IReadOnlyList<StoredRequest?>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>How far a request is, without its state and outputs; null if none is stored.</summary>
    Task<RequestVersion?> FindVersionAsync(Guid id, CancellationToken cancellationToken);

    /// <exception cref="ArgumentException">The cursor was not made by this store, or the limit is out of range.</exception>
    Task<RequestPage> ListAsync(RequestQuery query, CancellationToken cancellationToken);

    Task<IReadOnlyList<RequestCount>> CountAsync(CancellationToken cancellationToken);

    /// <summary>All timeline records of a request in order of version; empty if it is unknown.</summary>
    Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(Guid id, long afterVersion, CancellationToken cancellationToken);

    /// <summary>Children of one task step in order of index, from <paramref name="fromIndex"/> on.</summary>
    Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken);
}
