using System.Text;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

/// <summary>What every adapter promises. An adapter's tests are one line: this class with its fixture.</summary>
public abstract partial class StoreConformance(StoreFixture fixture) : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    protected const string Owner = "manager-1";

    private string _url = "";

    protected IMillraceStore Store { get; private set; } = null!;

    protected IRequestStore Requests => Store.Requests;

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (fixture.SkipReason is { } reason)
            Assert.Skip(reason);
        _url = await fixture.NewUrlAsync();
        Store = await StoreFactory.OpenAsync(_url, cancellationToken: Now);
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is not null)
            await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The same store as another manager opens it.</summary>
    protected Task<IMillraceStore> OpenAgainAsync() => StoreFactory.OpenAsync(_url, cancellationToken: Now);

    protected static RequestChange Accepted(
        Guid? id = null, string workflow = "enrich-post", string? key = null, DateTimeOffset? at = null, ParentReference? parent = null) => new()
        {
            Record = new RequestRecord
            {
                Id = id ?? Guid.NewGuid(),
                Workflow = workflow,
                DefinitionHash = "sha256:3f",
                Key = key,
                Status = "running",
                CreatedAt = at ?? Start,
                UpdatedAt = at ?? Start,
                Parent = parent,
                Version = 1,
                State = Bytes("{\"v\":1}"),
            },
        };

    /// <summary>The next transition of a request after <paramref name="change"/>.</summary>
    protected static RequestChange After(RequestChange change, Func<RequestRecord, RequestRecord>? with = null)
    {
        var next = change.Record with { Version = change.Record.Version + 1, State = Bytes($"{{\"v\":{change.Record.Version + 1}}}") };
        return new RequestChange { Record = with is null ? next : with(next) };
    }

    protected static RequestRecord Finish(RequestRecord record, string status, DateTimeOffset at) =>
        record with { Status = status, FinishedAt = at, UpdatedAt = at };

    protected Task<CommitResult> CommitAsync(params RequestChange[] changes) => CommitAsync(Store, changes);

    protected static Task<CommitResult> CommitAsync(IMillraceStore store, params RequestChange[] changes) =>
        store.Requests.CommitAsync(changes, [], Owner, Start.AddMinutes(1), Now);

    protected async Task<StoredRequest> LoadAsync(Guid id) => Assert.IsType<StoredRequest>(Assert.Single(await Requests.LoadAsync([id], Now)));

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    protected static void AssertSame(RequestRecord expected, RequestRecord actual)
    {
        Assert.Equal(expected.State.ToArray(), actual.State.ToArray());
        Assert.Equal(expected with { State = default }, actual with { State = default });
    }
}
