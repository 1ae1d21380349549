using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Brings effects that have waited up to how their requests stand now: meanwhile these may have gone on, or ended.</summary>
internal sealed class RequestReloader(RequestLoader requests)
{
    /// <returns>The effects in their order, without those whose request is gone.</returns>
    /// <exception cref="InvalidDataException">One of the requests can't be loaded or read.</exception>
    public async Task<IReadOnlyList<OpenEffect>> ReloadAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var (fresh, unreadable) = await ReloadReadableAsync(effects, cancellationToken);
        return unreadable.Count == 0 ? fresh : throw new InvalidDataException($"Request {unreadable[0].Request.Id} can't be loaded or read now.");
    }

    /// <returns>The same, and apart from them those whose request can't be loaded or read, as they were.</returns>
    public async Task<(IReadOnlyList<OpenEffect> Fresh, IReadOnlyList<OpenEffect> Unreadable)> ReloadReadableAsync(
        IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. effects.Select(open => open.Request.Id).Distinct()];
        var found = (await requests.LoadAsync(ids, cancellationToken)).ToDictionary(request => request.Id);
        var fresh = effects.Where(open => found[open.Request.Id].Request is not null).Select(open => open with { Request = found[open.Request.Id].Request! });
        return ([.. fresh], [.. effects.Where(open => found[open.Request.Id].Failure is not null)]);
    }
}
