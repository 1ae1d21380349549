using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Pacing;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// Scores from Google's Perspective API or any other of its contract. Errors by class: the text's fault is final, one refused
/// attribute is left out and the rest asked again, a quota waits for its window and is learned, a refused key stops
/// everything and says what to fix, and what is the server's fault is tried again.
/// </summary>
internal sealed partial class PerspectiveProvider : IPostClassifier, IDisposable
{
    private const string Revision = "perspective/v1alpha1";
    private static readonly TimeSpan ShortWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);

    private readonly PerspectiveOptions _options;
    private readonly IReadOnlyList<string> _attributes;
    private readonly ILogger _logger;
    private readonly PerspectiveChannel _channel;
    private readonly LanguageSupport _support = new();
    private readonly Standstill _standstill;
    private volatile Stopped? _stopped;
    private volatile string? _lastFailure;

    public PerspectiveProvider(
        PerspectiveOptions options, IReadOnlyList<string> attributes, TimeProvider clock, ClassifierMetrics metrics, ILogger logger)
    {
        _options = options;
        _attributes = attributes;
        _logger = logger;
        _channel = new PerspectiveChannel(options, clock, metrics, logger);
        _standstill = new Standstill(clock, TimeSpan.FromSeconds(options.MaxStandstillSeconds));
    }

    public Quota Quota => _channel.Pacer.Quota;

    public ClassifierDescription Describe() => new("perspective", Revision, _attributes, _stopped?.Problem);

    public async Task<IReadOnlyList<PostClassification>> ClassifyAsync(IReadOnlyList<PostToClassify> posts, CancellationToken cancellationToken) =>
        await Task.WhenAll(posts.Select(post => ClassifyAsync(post, cancellationToken)));

    public void Dispose() => _channel.Dispose();

    private async Task<PostClassification> ClassifyAsync(PostToClassify post, CancellationToken cancellationToken)
    {
        if (Wait() is { } wait)
            return wait;
        var question = new PostQuestion(post, _attributes, _support, _options);
        while (true)
        {
            if (question.Write().Attributes.Count == 0)
                return new PostClassification.Unlabelled("NO_ATTRIBUTE_AVAILABLE", $"None of the attributes can be scored; the first: {question.Unavailable.First().Value}");
            var (reply, failure) = await CallAsync(question, cancellationToken);
            if (failure is not null)
                return failure;
            if (reply!.Scores is { } scores)
                return Labelled(question, scores, reply.Spans);
            if (reply.Error is not { } error)
                continue;
            if (!question.Asks(error.Attribute))
                return Judge(reply);
            question.Refuse(error, Refuse(error));
        }
    }

    private PostClassification? Wait()
    {
        if (_channel.BrokenFor is var broken && broken > TimeSpan.Zero)
            return WaitBroken(broken);
        var wait = _channel.ExpectedWait;
        return wait.TotalSeconds > _options.MaxWaitSeconds ? WaitForTurn(wait) : null;
    }

    private PostClassification WaitBroken(TimeSpan broken) => StandStill(
        broken, "CIRCUIT_OPEN", $"{_options.BaseUrl} fails too often{(_lastFailure is null ? "" : $", the last time with {_lastFailure}")}");

    private PostClassification WaitForTurn(TimeSpan wait)
    {
        if (_stopped is { } stopped)
            return StandStill(wait, stopped.Reason, stopped.Problem);
        if (_channel.Pause is { } pause)
            return StandStill(wait, pause.Type, $"{_options.BaseUrl} says to come back later: {pause.Message}");
        return new PostClassification.Throttled(
            wait, "PACED", FormattableString.Invariant($"Nothing may leave for {wait.TotalSeconds:0.#} s by the quota ({Quota.Permits} calls in {Quota.Window.TotalSeconds:0.##} s)."));
    }

    /// <summary>What does not work is waited for, but not for ever: in the end each attempt fails with the reason.</summary>
    private PostClassification StandStill(TimeSpan wait, string reason, string problem) => _standstill.Lasts()
        ? new PostClassification.Failed(reason, FormattableString.Invariant($"{problem} It has not worked for {_options.MaxStandstillSeconds} s (Perspective:MaxStandstillSeconds)."))
        : new PostClassification.Throttled(wait, reason, problem);

    private async Task<(AnalyzeReply? Reply, PostClassification? Failure)> CallAsync(PostQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            return (await _channel.AnalyzeAsync(question, cancellationToken), null);
        }
        catch (BrokenCircuitException)
        {
            var wait = _channel.BrokenFor;
            return (null, WaitBroken(wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1)));
        }
        catch (HeldBackException held)
        {
            return (null, WaitForTurn(held.For));
        }
        catch (TimeoutRejectedException)
        {
            return (null, Fail("TIMEOUT", $"No answer within {_options.CallTimeoutSeconds} s."));
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return (null, Fail("UNREACHABLE", broken.Message));
        }
        catch (JsonException broken)
        {
            return (null, Fail("INVALID_ANSWER", $"The answer is not of the contract: {broken.Message}"));
        }
    }

    private PostClassification.Failed Fail(string reason, string message)
    {
        _lastFailure = $"{reason}: {message}";
        return new(reason, message);
    }

    /// <summary>It has answered a call, if only by refusing its text: key and project are good.</summary>
    private void Work()
    {
        _stopped = null;
        _lastFailure = null;
        _standstill.End();
    }

    private PostClassification.Labelled Labelled(
        PostQuestion question, IReadOnlyDictionary<string, double> scores, IReadOnlyDictionary<string, IReadOnlyList<SpanScore>>? spans)
    {
        Work();
        question.Answered(scores);
        return new(scores, question.Unavailable) { Spans = spans };
    }

    private string Refuse(PerspectiveError error)
    {
        var reason = _support.Learn(error);
        LogRefused(error.Attribute!, reason);
        return reason;
    }

    private PostClassification Judge(AnalyzeReply reply)
    {
        var error = reply.Error!;
        return reply.Status switch
        {
            _ when error.IsOfAccess => StopRefused((int)reply.Status, error),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => StopRedirected((int)reply.Status),
            HttpStatusCode.TooManyRequests when error.QuotaValue == 0 => StopWithoutQuota(error),
            HttpStatusCode.TooManyRequests => Throttle(error),
            HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge => Unlabelled(error),
            _ when reply.IsTransient => Fail(error.Type, error.Message),
            _ => StopRefused((int)reply.Status, error),
        };
    }

    private PostClassification.Unlabelled Unlabelled(PerspectiveError error)
    {
        Work();
        return new(error.Type, error.Message);
    }

    private PostClassification.Throttled Throttle(PerspectiveError error)
    {
        Work();
        var window = error.QuotaLimit switch
        {
            { } name when name.Contains("PerMinute", StringComparison.OrdinalIgnoreCase) => TimeSpan.FromMinutes(1),
            { } name when name.Contains("PerSecond", StringComparison.OrdinalIgnoreCase) => TimeSpan.FromSeconds(1),
            { } name when name.Contains("PerDay", StringComparison.OrdinalIgnoreCase) => TimeSpan.FromDays(1),
            // Not the pacer's: a small share has made that longer, and would again with every refusal.
            _ => _options.Quota.Window,
        };
        // A day's quota says when to go on, not how fast.
        var learned = error.QuotaValue is { } value and > 0 && window < TimeSpan.FromDays(1) ? Allowed(new Quota(value, window)) : Quota;
        // A short window whose size is known was missed by a few milliseconds; any other refusal waits for the next window.
        var missed = learned == Quota && window <= ShortWindow;
        var wait = error.RetryAfter is { } asked && asked > TimeSpan.Zero ? asked : missed ? window / 10 : window;
        wait = wait < PerspectiveChannel.LongestHold ? wait : PerspectiveChannel.LongestHold;
        _channel.Pacer.Change(learned);
        _channel.Pacer.Refused(wait);
        LogThrottled(wait.TotalSeconds, error.QuotaLimit, error.QuotaValue);
        return new(wait, error.Type, error.Message);
    }

    /// <summary>The API tells of the whole project's quota: where less of it was given to this client, that stays the most.</summary>
    private Quota Allowed(Quota told) =>
        (_options.IsQuotaWritten && told.PerSecond >= _options.Quota.PerSecond ? _options.Quota : told).Share(_options.QuotaShare);

    private PostClassification StopRefused(int status, PerspectiveError error)
    {
        var reason = error.Reason ?? error.Type;
        return Stop(reason, $"{_options.BaseUrl} refuses every call ({status} {reason}): {error.Message} "
            + "Set Perspective:ApiKey to a key of a project in which the Perspective Comment Analyzer API is enabled and that meets its conditions, "
            + "or score locally with Provider: onnx.");
    }

    private PostClassification StopWithoutQuota(PerspectiveError error) => Stop("QUOTA_IS_ZERO",
        $"{_options.BaseUrl} gives this key's project a quota of 0 ({error.QuotaLimit}): {error.Message} "
        + "Request a quota for the Perspective Comment Analyzer API in the project's console, set Perspective:ApiKey to a key of a project "
        + "that has one, or score locally with Provider: onnx.");

    private PostClassification StopRedirected(int status) => Stop("REDIRECTED",
        $"{_options.BaseUrl} sends calls on to another address ({status}), where neither posts nor the key are sent. "
        + "Set Perspective:BaseUrl to the address of the API itself.");

    private PostClassification Stop(string reason, string problem)
    {
        _stopped = new(reason, problem);
        _channel.Pacer.Hold(StopTime);
        LogStopped(problem);
        return StandStill(StopTime, reason, problem);
    }

    /// <param name="Problem">With the fix.</param>
    private sealed record Stopped(string Reason, string Problem);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Attribute} is left out from now on: {Reason}")]
    private partial void LogRefused(string attribute, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The quota is used up: nothing is asked for {Seconds:0.0} s ({QuotaLimit} {QuotaValue})")]
    private partial void LogThrottled(double seconds, string? quotaLimit, int? quotaValue);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Problem}")]
    private partial void LogStopped(string problem);
}
