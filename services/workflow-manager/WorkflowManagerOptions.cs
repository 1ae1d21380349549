using System.ComponentModel.DataAnnotations;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager;

/// <summary>The manager's limits. Section <c>Manager</c>.</summary>
public sealed record WorkflowManagerOptions
{
    public const string Section = "Manager";

    /// <summary>Owns the effects that it saved; two managers on one store need two names. Default: host name and a random part.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string Name { get; init; } = $"{Environment.MachineName}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Where a person's browser reaches Seq, such as <c>https://seq.example.org</c>: the page links to a request's log lines and
    /// trace there. Null: no links.</summary>
    [Url]
    public string? SeqPageUrl { get; init; }

    /// <summary>Workflows given in code, beside those of the folder.</summary>
    public IReadOnlyList<WorkflowDefinition> Workflows { get; init; } = [];

    /// <summary>Folder of workflow files; null: only what is given in code.</summary>
    public string? WorkflowsFolder { get; init; }

    /// <summary>Milliseconds between two looks at the folder for changed files, from 100 to 3,600,000.</summary>
    [Range(100, 3_600_000)]
    public int ReloadIntervalMs { get; init; } = 5_000;

    /// <summary>Seconds that a post for an unknown workflow waits for it before it is a dead letter, from 0 to 600: more than managers that
    /// share a folder, or have copies of it, need until all know a new workflow. While posts wait the folder is looked at each second.</summary>
    [Range(0, 600)]
    public int UnknownWorkflowSeconds { get; init; } = 30;

    /// <summary>Transitions saved in one transaction at most, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int GroupMaxItems { get; init; } = 1_000;

    /// <summary>Bytes of payloads and outputs in one transaction, roughly, from 64 KiB to 256 MiB.</summary>
    [Range(64 * 1024, 256 * 1024 * 1024)]
    public int GroupMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Messages waiting to be taken into a group, from 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int InboxCapacity { get; init; } = 2_000;

    /// <summary>Running requests kept in memory with their outputs, from 0 to 10,000,000.</summary>
    [Range(0, 10_000_000)]
    public int CacheMaxRequests { get; init; } = 50_000;

    /// <summary>Bytes of outputs kept in memory, from 0 to 64 GiB.</summary>
    [Range(0, 64L * 1024 * 1024 * 1024)]
    public long CacheMaxBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Messages on their way to the broker before new work is left on its queues, from 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int DispatchHighWater { get; init; } = 10_000;

    /// <summary>Running requests before <c>ingest</c> is left on its queue, from 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public long MaxRunning { get; init; } = 1_000_000;

    /// <summary>Messages of <c>ingest</c> in progress at once, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int IngestPrefetch { get; init; } = 500;

    /// <summary>Replies in progress at once, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int ReplyPrefetch { get; init; } = 1_000;

    /// <summary>Deliveries of one post or reply before it is a dead letter, from 1 to 1,000; 0: never. Restarts, lost connections and a
    /// manager that has no room deliver again what is nobody's fault, so it is high; what never succeeds, or ends its process, ends here.</summary>
    [Range(0, 1_000)]
    public int DeliveryLimit { get; init; } = 1_000;

    /// <summary>Bytes of one post, from 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxPayloadBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of one call's body, from 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Posts in one message or call, from 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int MaxPostsPerMessage { get; init; } = 10_000;

    /// <summary>Bytes of one message: a step whose input is larger fails, a larger result is published without outputs. From 1 KiB to
    /// 64 MiB, and less than the bus takes.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 15 * 1024 * 1024;

    /// <summary>Bytes of one batched step message, from 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int BatchMaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Milliseconds that a slot of a rate limit, or of the crowd after a throttle, may wait for others to fill a batch, from 0
    /// to 10,000. Only steps with <c>batch</c> wait; 0: none.</summary>
    [Range(0, 10_000)]
    public int BatchLookAheadMs { get; init; } = 200;

    /// <summary>Dispatches per second with which a step without a rate limit begins once a worker's retry-after is over, from 1 to
    /// 100,000; they double each second.</summary>
    [Range(1, 100_000)]
    public int RampStartPerSecond { get; init; } = 10;

    /// <summary>Seconds after a retry-after for which dispatches wait for a place in the ramp, from 0 to 3,600; 0: all leave at once.</summary>
    [Range(0, 3_600)]
    public int RampSeconds { get; init; } = 10;

    /// <summary>Children of a task that are started in one transaction, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int FanOutChunk { get; init; } = 500;

    /// <summary>Bytes of the gathered outputs of a task, from 1 KiB to 64 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public int GatherMaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Milliseconds that a REST call waits until what it asks for is saved, from 100 to 600,000; then it is answered 503.</summary>
    [Range(100, 600_000)]
    public int SaveTimeoutMs { get; init; } = 10_000;

    /// <summary>Seconds for which saved effects are this manager's to send, prolonged while it lives, from 2 to 3,600. After a crash
    /// others take over when they have passed; too short a lease costs duplicates, never a loss.</summary>
    [Range(2, 3_600)]
    public int LeaseSeconds { get; init; } = 6;

    /// <summary>Milliseconds between two looks for due requests, when nothing is known to be due earlier, from 10 to 60,000.</summary>
    [Range(10, 60_000)]
    public int DuePollMs { get; init; } = 500;

    /// <summary>Requests found due at once, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int DueBatch { get; init; } = 500;

    /// <summary>Milliseconds before a message that could not be sent is tried again, from 10 to 600,000.</summary>
    [Range(10, 600_000)]
    public int ResendDelayMs { get; init; } = 1_000;

    /// <summary>Whether what was dispatched and not answered is sent again at start. Null: only on the bus in memory, whose queues
    /// end with the process.</summary>
    public bool? ResendAtStart { get; init; }

    /// <summary>Seconds between two rounds of retention, from 1 to 86,400.</summary>
    [Range(1, 86_400)]
    public int RetentionIntervalSeconds { get; init; } = 60;

    /// <summary>Finished requests removed by one call of the store, with all their items, from 1 to 1,000. SQLite, which has one writer,
    /// makes of it transactions of some 200 rows.</summary>
    [Range(1, 1_000)]
    public int RetentionBatch { get; init; } = 200;

    /// <summary>Seconds without progress after which the watchdog calls a request stuck, from 1 to 31,536,000.</summary>
    [Range(1, 31_536_000)]
    public int StuckAfterSeconds { get; init; } = 900;

    /// <summary>Seconds between two rounds of the watchdog, from 1 to 86,400.</summary>
    [Range(1, 86_400)]
    public int WatchdogIntervalSeconds { get; init; } = 60;

    /// <summary>Stuck requests that the watchdog looks at in one round, from 1 to 100,000; of others it passes by ten for one. The next
    /// round goes on behind them.</summary>
    [Range(1, 100_000)]
    public int WatchdogMaxRequests { get; init; } = 1_000;
}
