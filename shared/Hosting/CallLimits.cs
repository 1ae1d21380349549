using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Hosting.Access;

namespace Millrace.Hosting;

/// <summary>A bounded number of calls a second for each caller, and for each address that is none, so that one cannot starve the others.</summary>
internal static class CallLimits
{
    public static IServiceCollection AddCallLimits(this IServiceCollection services, AccessOptions access) =>
        services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.OnRejected = ExplainAsync;
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(context, access));
        });

    private static RateLimitPartition<string> Partition(HttpContext context, AccessOptions access) => context.User.Identity switch
    {
        { Name: { Length: > 0 } caller } identity => Bucket($"{identity.AuthenticationType} {caller}", access.CallsPerSecondPerKey),
        _ when access.IsConfigured => Bucket($"{Kind(context)} {context.Connection.RemoteIpAddress}", access.CallsPerSecondPerAddress),
        _ => RateLimitPartition.GetNoLimiter(""),
    };

    /// <summary>Whoever guesses keys must not use up what the probes of the same address need.</summary>
    private static string Kind(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null ? "refused" : "open";

    private static RateLimitPartition<string> Bucket(string caller, int callsPerSecond) =>
        RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = callsPerSecond,
            TokensPerPeriod = callsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });

    private static ValueTask ExplainAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        var response = rejected.HttpContext.Response;
        response.Headers.RetryAfter = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait)
            ? Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)
            : "1";
        var problem = TypedResults.Problem(
            "This caller makes more calls than it may; wait as Retry-After says.",
            statusCode: StatusCodes.Status429TooManyRequests, type: "urn:millrace:too-many-calls");
        return new ValueTask(problem.ExecuteAsync(rejected.HttpContext));
    }
}
