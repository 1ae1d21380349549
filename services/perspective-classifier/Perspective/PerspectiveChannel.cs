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

    private readonly PerspectiveOptions _options;
    private readonly TimeProvider _clock;
    private readonly ClassifierMetrics _metrics;
    private readonly ILogger _logger;
    private readonly HttpClient _http;
    private readonly Uri _analyze;
    private readonly ResiliencePipeline<AnalyzeReply> _retrying;
    private readonly ResiliencePipeline<AnalyzeReply> _guarded;
    private long _brokenUntil;

    public PerspectiveChannel(PerspectiveOptions options, TimeProvider clock, ClassifierMetrics metrics, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        _http = CreateHttp(options);
        _analyze = new Uri(options.BaseUrl, $"/v1alpha1/comments:analyze{(options.ApiKey is null ? "" : "?key=" + Uri.EscapeDataString(options.ApiKey))}");
        var quota = new Quota(Math.Max(1, (int)(options.QuotaPermits * options.QuotaShare)), TimeSpan.FromSeconds(options.QuotaWindowSeconds));
        Pacer = new Pacer(quota, options.QuotaUse, clock);
        _retrying = Retrying(options, clock);
        _guarded = Guarded(options, clock);
    }

    public Pacer Pacer { get; }

    /// <summary>How long nothing is asked because too much went wrong; zero or less while the circuit is closed.</summary>
    public TimeSpan BrokenFor => _clock.GetElapsedTime(_clock.GetTimestamp(), Volatile.Read(ref _brokenUntil));

    /// <exception cref="BrokenCircuitException">Too much went wrong lately; see <see cref="BrokenFor"/>.</exception>
    /// <exception cref="HttpRequestException">No answer came, at the last attempt too.</exception>
    /// <exception cref="TimeoutRejectedException">No answer came in time, at the last attempt too.</exception>
    /// <exception cref="JsonException">The answer was not of the contract, at the last attempt too.</exception>
    public async ValueTask<AnalyzeReply> AnalyzeAsync(AnalyzeCall call, CancellationToken cancellationToken) =>
        await _retrying.ExecuteAsync(
            async token =>
            {
                if (BrokenFor > TimeSpan.Zero)
                    throw new BrokenCircuitException();
                var turn = await Pacer.WaitAsync(token);
                var answered = false;
                try
                {
                    // On the pacer's thread from here to the first wait inside HttpClient: the call leaves on time.
                    var reply = await _guarded.ExecuteAsync(inner => SendAsync(call, inner), token);
                    answered = true;
                    return reply;
                }
                finally
                {
                    // Whatever happens, the pacer hears of it: it would wait for ever for a call that never left.
                    Pacer.End(turn, answered);
                }
            },
            cancellationToken);

    public void Dispose()
    {
        Pacer.Dispose();
        _http.Dispose();
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
        return AnalyzeReply.Read(answer.StatusCode, body, RetryAfter(answer));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter?.Delta ?? (answer.Headers.RetryAfter?.Date is { } date ? date - _clock.GetUtcNow() : null);

    private static HttpClient CreateHttp(PerspectiveOptions options)
    {
        var handler = new SocketsHttpHandler
        {
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

    private ResiliencePipeline<AnalyzeReply> Guarded(PerspectiveOptions options, TimeProvider clock) =>
        new ResiliencePipelineBuilder<AnalyzeReply> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<AnalyzeReply>
            {
                ShouldHandle = IsTransient(),
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
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
