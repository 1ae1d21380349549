using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using Millrace.Observability;

namespace Millrace.Hosting;

/// <summary>
/// A bounded number of calls a second for each caller, and for each address that is none, so that one cannot starve the others; and a
/// bounded number of calls that wait, for each caller and for all of them, so that connections are left for everybody else.
/// </summary>
internal static class CallLimits
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static IServiceCollection AddCallLimits(this IServiceCollection services, AccessOptions access, HostingOptions hosting) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = ExplainAsync;
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(context => Rate(context, access)),
                PartitionedRateLimiter.Create<HttpContext, string>(context => Waits(context, Callers.Of(context, access), access.WaitingCallsPerCaller)),
                PartitionedRateLimiter.Create<HttpContext, string>(context => Waits(context, "all", hosting.MaxWaitingCalls)));
        });

    private static RateLimitPartition<string> Rate(HttpContext context, AccessOptions access) => context.User.Identity switch
    {
        { Name.Length: > 0 } => Bucket(Callers.Of(context, access), access.CallsPerSecondPerKey),
        _ when access.IsConfigured => Bucket($"{Kind(context)} {Callers.Of(context, access)}", access.CallsPerSecondPerAddress),
        _ => RateLimitPartition.GetNoLimiter(""),
    };

    /// <summary>Whoever guesses keys must not use up what the probes of the same address need, nor what loads the page.</summary>
    private static string Kind(HttpContext context) => context.GetEndpoint()?.Metadata switch
    {
        { } route when route.GetMetadata<ProbeRoute>() is not null => "probe",
        { } route when route.GetMetadata<IAllowAnonymous>() is not null => "open",
        _ => "refused",
    };

    private static RateLimitPartition<string> Bucket(string caller, int callsPerSecond) =>
        RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = callsPerSecond,
            TokensPerPeriod = callsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });

    private static RateLimitPartition<string> Waits(HttpContext context, string caller, int calls) => IsLong(context)
        ? RateLimitPartition.GetConcurrencyLimiter(caller, _ => new ConcurrencyLimiterOptions { PermitLimit = calls, QueueLimit = 0 })
        : RateLimitPartition.GetNoLimiter("");

    private static bool IsLong(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<LongCall>() is { } route
        && (route.WithQuery is null || context.Request.Query.ContainsKey(route.WithQuery));

    private static ValueTask ExplainAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        // Only a rate knows when its next call may come.
        var refusal = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
            ? Refusals.WriteAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, "too-many-calls",
                "This caller makes more calls than it may; wait as Retry-After says.", wait)
            : Refusals.WriteAsync(rejected.HttpContext, StatusCodes.Status429TooManyRequests, "too-many-waits",
                "More calls wait for an answer than may; end some of them, or ask without waiting.", Pause);
        return new ValueTask(refusal);
    }
}
