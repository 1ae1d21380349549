using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.PerspectiveClassifier.Pacing;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// Calls to one Perspective-compatible API: every call, a further one too, takes its turn at the pacer; server errors and
/// timeouts are tried again with jitter behind a circuit breaker.
/// </summary>
internal sealed partial class PerspectiveChannel : IDisposable
{
    private const int MaxAnswerBytes = 4 << 20;
    private const int LeastCallsToJudge = 10;

    /// <summary>A quota of a day may be raised, and a clock may be wrong: once an hour the API is asked again.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromHours(1);

    private readonly PerspectiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ClassifierMetrics _metrics;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _places;
    private readonly Uri _analyze;
    private readonly ResiliencePipeline<AnalyzeReply> _retrying;
    private readonly ResiliencePipeline<AnalyzeReply> _guarded;
    private long _brokenUntil;
    private int _waiting;
    private volatile PerspectiveError? _pause;

    public PerspectiveChannel(PerspectiveOptions options, TimeProvider clock, ClassifierMetrics metrics, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        _http = CreateHttp(options);
        _places = new SemaphoreSlim(options.MaxConcurrentCalls);
        _analyze = Address(options);
        var quota = options.Quota.Share(options.QuotaShare);
        Pacer = new Pacer(quota, options.QuotaUse, clock, TimeSpan.FromSeconds(options.MaxWaitSeconds));
        _retrying = Retrying(options, clock);
        _guarded = Guarded(options, quota, new SteadyClock(clock));
    }

    public Pacer Pacer { get; }

    /// <summary>How long a call that asked now would wait for its turn.</summary>
    public TimeSpan ExpectedWait => Pacer.ExpectedWait + TimeSpan.FromSeconds(Volatile.Read(ref _waiting) / (Pacer.Quota.PerSecond * _options.QuotaUse));

    /// <summary>The server's last word, if that was to come back later; null after any other answer.</summary>
    public PerspectiveError? Pause => _pause;

    /// <summary>How long nothing is asked because too much went wrong; zero or less while the circuit is closed.</summary>
    public TimeSpan BrokenFor => _clock.GetElapsedTime(_clock.GetTimestamp(), Volatile.Read(ref _brokenUntil));

    /// <returns><see cref="AnalyzeReply.NotAsked"/> if nothing was left to ask when the turn came.</returns>
    /// <exception cref="BrokenCircuitException">Too much went wrong lately; see <see cref="BrokenFor"/>.</exception>
    /// <exception cref="HeldBackException">Nothing may leave for longer than a call may wait.</exception>
    /// <exception cref="HttpRequestException">No answer came, at the last attempt too.</exception>
    /// <exception cref="TimeoutRejectedException">No answer came in time, at the last attempt too.</exception>
    /// <exception cref="JsonException">The answer was not of the contract, at the last attempt too.</exception>
    public async ValueTask<AnalyzeReply> AnalyzeAsync(PostQuestion question, CancellationToken cancellationToken) =>
        await _retrying.ExecuteAsync(
            async token =>
            {
                await TakePlaceAsync(token);
                try
                {
                    return await AnalyzeInTurnAsync(question, token);
                }
                finally
                {
                    _places.Release();
                }
            },
            cancellationToken);

    public void Dispose()
    {
        // The places are not disposed: calls in progress still give theirs back, and it holds nothing of the system's.
        Pacer.Dispose();
        _http.Dispose();
    }

    /// <summary>A call that had its turn must not wait for a connection, so that no more are let to the pacer than may be in progress.</summary>
    private async ValueTask TakePlaceAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<AnalyzeReply> AnalyzeInTurnAsync(PostQuestion question, CancellationToken cancellationToken)
    {
        if (BrokenFor > TimeSpan.Zero)
            throw new BrokenCircuitException();
        var turn = await Pacer.WaitAsync(cancellationToken);
        var answered = false;
        try
        {
            var call = question.Write();
            if (call.Attributes.Count == 0)
                return AnalyzeReply.NotAsked;
            // On the pacer's thread from here to the first wait inside HttpClient: the call leaves on time.
            var reply = await _guarded.ExecuteAsync(inner => SendAsync(call, inner), cancellationToken);
            answered = true;
            return reply;
        }
        finally
        {
            // Whatever happens, the pacer hears of it: it would wait for ever for a call that never left.
            Pacer.End(turn, answered);
        }
    }

    private async ValueTask<AnalyzeReply> SendAsync(AnalyzeCall call, CancellationToken cancellationToken)
    {
        var sent = _clock.GetTimestamp();
        using var content = new ByteArrayContent(call.Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var message = new HttpRequestMessage(HttpMethod.Post, _analyze) { Content = content };
        using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        _metrics.CountAnswer((int)answer.StatusCode, _clock.GetElapsedTime(sent));
        var reply = AnalyzeReply.Read(call, answer.StatusCode, body, RetryAfter(answer));
        _pause = reply is { IsTransient: true, Error.RetryAfter: { } asked } && asked > TimeSpan.Zero ? reply.Error : null;
        if (_pause?.RetryAfter is { } pause)
            Pacer.Hold(pause < LongestHold ? pause : LongestHold);
        return reply;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter?.Delta ?? (answer.Headers.RetryAfter?.Date is { } date ? date - _clock.GetUtcNow() : null);

    /// <summary>The path stands behind the base's own, as of an API behind a gateway.</summary>
    private static Uri Address(PerspectiveOptions options)
    {
        var address = new UriBuilder(options.BaseUrl);
        address.Path = address.Path.TrimEnd('/') + "/v1alpha1/comments:analyze";
        if (options.ApiKey is { } key)
            address.Query = $"{address.Query.TrimStart('?')}&key={Uri.EscapeDataString(key)}".TrimStart('&');
        return address.Uri;
    }

    /// <summary>Long enough for twice as many calls as it takes to judge, however slow the quota is.</summary>
    internal static TimeSpan Sampling(Quota quota) => TimeSpan.FromSeconds(Math.Clamp(2 * LeastCallsToJudge / quota.PerSecond, 10, 86_400));

    private static HttpClient CreateHttp(PerspectiveOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            // Posts and the key go to the address that was configured and to no other.
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = options.MaxConcurrentCalls,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ConnectTimeout = TimeSpan.FromSeconds(options.CallTimeoutSeconds),
            AutomaticDecompression = DecompressionMethods.All,
        };
        // The timeout is the pipeline's: it must not count the wait for a turn.
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }

    private static ResiliencePipeline<AnalyzeReply> Retrying(PerspectiveOptions options, TimeProvider clock)
    {
        if (options.MaxRetries == 0)
            return ResiliencePipeline<AnalyzeReply>.Empty;
        return new ResiliencePipelineBuilder<AnalyzeReply> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<AnalyzeReply>
            {
                ShouldHandle = IsTransient(),
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(options.RetryDelayMs),
            })
            .Build();
    }

    private ResiliencePipeline<AnalyzeReply> Guarded(PerspectiveOptions options, Quota quota, TimeProvider clock) =>
        new ResiliencePipelineBuilder<AnalyzeReply> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<AnalyzeReply>
            {
                ShouldHandle = IsTransient(),
                FailureRatio = 0.5,
                MinimumThroughput = LeastCallsToJudge,
                SamplingDuration = Sampling(quota),
                BreakDurationGenerator = arguments => ValueTask.FromResult(BreakDuration(arguments.HalfOpenAttempts, options.MaxBreakSeconds)),
                OnOpened = arguments =>
                {
                    var until = _clock.GetTimestamp() + (long)(arguments.BreakDuration.TotalSeconds * _clock.TimestampFrequency);
                    Volatile.Write(ref _brokenUntil, until);
                    LogBroken(_options.BaseUrl, arguments.BreakDuration.TotalSeconds);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    LogMended(_options.BaseUrl);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(TimeSpan.FromSeconds(options.CallTimeoutSeconds))
            .Build();

    private static TimeSpan BreakDuration(int halfOpenAttempts, double maxSeconds)
    {
        var seconds = Math.Min(maxSeconds, Math.Pow(2, Math.Min(halfOpenAttempts, 16)));
        // Replicas that broke together must not ask together.
        return TimeSpan.FromSeconds(Math.Max(0.5, seconds * (0.8 + (0.2 * Random.Shared.NextDouble()))));
    }

    private static PredicateBuilder<AnalyzeReply> IsTransient() => new PredicateBuilder<AnalyzeReply>()
        .HandleResult(reply => reply.IsTransient)
        .Handle<HttpRequestException>()
        .Handle<IOException>()
        .Handle<TimeoutRejectedException>()
        .Handle<JsonException>();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{BaseUrl} fails too often: nothing is asked for {Seconds:0.0} s")]
    private partial void LogBroken(Uri baseUrl, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "{BaseUrl} answers again")]
    private partial void LogMended(Uri baseUrl);
}
