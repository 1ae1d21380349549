using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.DriftMonitor.Statistics;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.DriftMonitor.Tests.Detection;

/// <summary>Detectors through a real store: what stays after a stop, a kill and a save that was cut short.</summary>
public sealed class DetectorRegistryTests : IAsyncLifetime
{
    private const string Name = "scores.TOXICITY@r1";

    private static readonly DriftOptions Options = new()
    {
        ReferencePosts = 200,
        WindowPosts = 50,
        TestEveryPosts = 25,
        Frequencies = 32,
        FalseAlarmRate = 0.05,
        SaveEveryPosts = 10,
        MaxDetectors = 2,
    };

    private readonly TemporaryFolder _folder = new("drift");
    private IMillraceStore _store = null!;
    private BreakableDocuments _documents = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _store = await StoreFactory.OpenAsync("sqlite:" + Path.Combine(_folder.Path, "drift.db"), cancellationToken: Token);
        _documents = new BreakableDocuments(_store.Documents);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_goes_on_after_a_stop_as_if_there_had_been_none()
    {
        using var running = New();
        using var stopped = New();
        Assert.Equal(await FeedAsync(running, 0, 437), await FeedAsync(stopped, 0, 437));
        await stopped.SaveAllAsync(Token);

        using var started = await LoadAsync();

        Assert.Equal(
            await running.ReadAsync(Name, state => state.History.ToArray(), Token), await started.ReadAsync(Name, state => state.History.ToArray(), Token));
        var tests = await FeedAsync(running, 437, 900);
        Assert.NotEmpty(tests);
        Assert.Equal(tests, await FeedAsync(started, 437, 900));
    }

    /// <summary>In a filling reference, when it has just filled, and with sliding windows.</summary>
    [Theory]
    [InlineData(9, 0)]
    [InlineData(117, 110)]
    [InlineData(200, 200)]
    [InlineData(263, 260)]
    [InlineData(731, 725)]
    public async Task A_kill_loses_fewer_posts_than_are_between_two_saves(int fed, int kept)
    {
        using var killed = New();
        await FeedAsync(killed, 0, fed);

        using var started = await LoadAsync();

        Assert.Equal(kept, await started.ReadAsync(Name, state => state.Seen, Token));
        using var untouched = New();
        await FeedAsync(untouched, 0, kept);
        Assert.Equal(await WindowsAsync(untouched), await WindowsAsync(started));
    }

    [Fact]
    public async Task A_post_that_comes_again_is_not_taken_twice()
    {
        using var registry = New();
        await FeedAsync(registry, 0, 240);

        await FeedAsync(registry, 180, 240);

        Assert.Equal(240, await registry.ReadAsync(Name, state => state.Seen, Token));
        Assert.Equal(new IgnoredView(Name, IgnoredReason.Repeated, 60), Assert.Single(Ignored.Counts));
    }

    [Fact]
    public async Task A_save_that_was_cut_short_leaves_the_one_before_it()
    {
        using var registry = New();
        await FeedAsync(registry, 0, 500);
        var before = await WindowsAsync(registry);
        _documents.Refused = DetectorStore.HeadPrefix;

        for (var post = 500; post < 560; post++)
            await registry.ObserveAsync(Post(post), Token);
        await Assert.ThrowsAsync<StoreException>(() => registry.SaveDueAsync(Token));

        _documents.Refused = null;
        using var started = await LoadAsync();
        Assert.Equal(500, await started.ReadAsync(Name, state => state.Seen, Token));
        Assert.Equal(before, await WindowsAsync(started));
        Assert.All(await started.ReadAsync(Name, state => state.History, Token) ?? [], test => Assert.InRange(test.Seen, 0, 500));
        await registry.SaveDueAsync(Token);
        using var later = await LoadAsync();
        Assert.Equal(560, await later.ReadAsync(Name, state => state.Seen, Token));
    }

    [Fact]
    public async Task Windows_larger_than_a_document_are_saved_and_what_no_window_needs_is_deleted()
    {
        const int Dimensions = 1_536;
        var options = Options with { ReferencePosts = 2_700, WindowPosts = 50, TestEveryPosts = 10_000, SaveEveryPosts = 500 };
        using var registry = New(options);
        for (var post = 0; post < 3_000; post++)
        {
            await registry.ObserveAsync(new PostVector("embedding", "embedding@r1", $"post {post}", [.. Enumerable.Repeat((float)post, Dimensions)]), Token);
            await registry.SaveDueAsync(Token);
        }
        await registry.SaveAllAsync(Token);

        using var started = await LoadAsync(options);

        var (reference, current) = await started.ReadAsync("embedding@r1", state => (state.Reference, state.Current), Token);
        Assert.Equal(Enumerable.Range(0, 2_700).Select(post => (float)post), reference!.Posts.Select(post => post.Vector[Dimensions - 1]));
        Assert.Equal(Enumerable.Range(2_950, 50).Select(post => (float)post), current!.Posts.Select(post => post.Vector[0]));
        Assert.True((long)reference.Count * Dimensions * sizeof(float) > 15 << 20);
        var posts = new PostLog(Dimensions).ChunkPosts;
        var chunks = await _store.Documents.ListAsync("drift-posts/", 10_000, Token);
        Assert.InRange(chunks.Count, 2_750 / posts, 2_750 / posts + 3);
        Assert.All(chunks, chunk => Assert.InRange(chunk.Body.Length, 1, 128 << 10));
    }

    [Fact]
    public async Task A_detector_of_which_a_part_is_missing_is_told_with_what_to_do()
    {
        using var registry = New();
        await FeedAsync(registry, 0, 300);
        await _store.Documents.DeleteAsync($"drift-posts/{Name}/0", Token);

        var error = await Assert.ThrowsAsync<StoreException>(() => LoadAsync());

        Assert.Equal(StoreFailure.Corrupt, error.Failure);
        Assert.Contains($"delete the document 'drift-detectors/{Name}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_sizes_in_the_settings_are_applied_to_the_window_and_told_of_the_reference()
    {
        using var registry = New();
        await FeedAsync(registry, 0, 300);
        var logs = new ListLogger<DetectorRegistry>();

        using var started = await LoadAsync(Options with { ReferencePosts = 500, WindowPosts = 60 }, logs);

        Assert.Equal((200, 60, 50), await started.ReadAsync(Name, state => (state.Reference.Capacity, state.Current.Capacity, state.Current.Count), Token));
        Assert.Contains(logs.Messages, message => message.Contains("held up to 50 posts", StringComparison.Ordinal) && message.Contains("60", StringComparison.Ordinal));
        Assert.Contains(logs.Messages, message => message.Contains("keeps its reference of 200 posts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_no_detector_takes_is_counted_with_its_reason()
    {
        using var registry = New();
        PostVector[] posts =
        [
            new("embedding", "embedding@r1", "a", [1, 2]), new("embedding", "embedding@r1", "b", [1, 2, 3]), new("embedding", "embedding@r1", "c", null),
            new("embedding", "embedding@r2", "d", [1, 2]), new("embedding", "embedding@r3", "e", [1, 2]), new("embedding", "embedding@r4", "f", [1, 2]),
        ];

        foreach (var post in posts)
            Assert.Null(await registry.ObserveAsync(post, Token));

        Assert.Equal(
            [
                new("embedding", IgnoredReason.Unreadable, 1), new("embedding", IgnoredReason.NoRoom, 2),
                new("embedding@r1", IgnoredReason.OtherLength, 1),
            ],
            Ignored.Counts);
        Assert.Equal(["embedding@r1", "embedding@r2"], await registry.ReadAllAsync(state => state.Name, Token));
    }

    [Fact]
    public async Task An_alarm_is_pending_once_it_is_saved_and_until_it_is_confirmed()
    {
        using var registry = New();
        await FeedAsync(registry, 0, 300);
        _documents.Refused = "drift-";
        for (var post = 300; post < 350; post++)
            await registry.ObserveAsync(Post(post, shift: 5), Token);
        await Assert.ThrowsAsync<StoreException>(() => registry.SaveDueAsync(Token));
        Assert.Empty(await registry.PendingAlarmsAsync(Token));

        _documents.Refused = null;
        await registry.SaveDueAsync(Token);

        var alarm = Assert.Single(await registry.PendingAlarmsAsync(Token));
        using (var killed = await LoadAsync())
        {
            var same = Assert.Single(await killed.PendingAlarmsAsync(Token));
            Assert.Equal((alarm.Id, alarm.Test), (same.Id, same.Test));
            await killed.ConfirmAsync(same, Token);
            Assert.Empty(await killed.PendingAlarmsAsync(Token));
        }
        using var started = await LoadAsync();
        Assert.Empty(await started.PendingAlarmsAsync(Token));
    }

    private IgnoredVectors Ignored { get; } = new();

    private static PostVector Post(int post, float shift = 0) =>
        new("scores", Name, $"post {post}", [(float)RandomFeatures.Normal(new Random(post)) + shift]);

    private static async Task<List<DriftTest>> FeedAsync(DetectorRegistry registry, int from, int to)
    {
        var tests = new List<DriftTest>();
        for (var post = from; post < to; post++)
        {
            if (await registry.ObserveAsync(Post(post), Token) is { } test)
                tests.Add(test);
            await registry.SaveDueAsync(Token);
        }
        return tests;
    }

    private static async Task<(long Number, string Post, float Value)[]> WindowsAsync(DetectorRegistry registry) => await registry.ReadAsync(
        Name, state => state.Reference.Posts.Concat(state.Current.Posts).Select(post => (post.Number, post.Post, post.Vector[0])).ToArray(), Token) ?? [];

    private DetectorRegistry New(DriftOptions? options = null, ILogger<DetectorRegistry>? logger = null) =>
        new(_documents, Ignored, options ?? Options, new SetClock(), logger ?? NullLogger<DetectorRegistry>.Instance);

    private async Task<DetectorRegistry> LoadAsync(DriftOptions? options = null, ILogger<DetectorRegistry>? logger = null)
    {
        var registry = New(options, logger);
        await registry.LoadAsync(Token);
        return registry;
    }
}
