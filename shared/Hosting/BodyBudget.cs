using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Millrace.Hosting.Access;

namespace Millrace.Hosting;

/// <summary>
/// Bodies are taken into memory, so the bytes that may be there at once are bounded, for each caller and for all of them. A body without
/// a length counts as the largest that is taken. What it is given a call holds until it is answered.
/// </summary>
internal sealed class BodyBudget(RequestDelegate next, HostingOptions hosting, AccessOptions access) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<HttpContext> _own = PartitionedRateLimiter.Create<HttpContext, string>(context =>
        RateLimitPartition.GetConcurrencyLimiter(Callers.Of(context, access), _ => Limit(access.BodyBytesPerCaller)));

    private readonly ConcurrencyLimiter _all = new(Limit(hosting.MaxBodyBytesTogether));

    public async Task InvokeAsync(HttpContext context)
    {
        var bytes = BytesOf(context);
        if (bytes == 0)
        {
            await next(context);
            return;
        }
        using var own = _own.AttemptAcquire(context, bytes);
        if (!own.IsAcquired)
        {
            await Refusals.WriteAsync(context, StatusCodes.Status429TooManyRequests, "too-much-in-hand",
                $"This caller sends more at once than {access.BodyBytesPerCaller} bytes; wait for answers before sending more.", Pause);
            return;
        }
        using var all = _all.AttemptAcquire(bytes);
        if (all.IsAcquired)
            await next(context);
        else
            await Refusals.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "busy", "More is sent at once than there is room for; try again.", Pause);
    }

    public void Dispose()
    {
        _own.Dispose();
        _all.Dispose();
    }

    /// <summary>One that is larger than allowed is refused as soon as it is read.</summary>
    private int BytesOf(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true }
        ? (int)Math.Min(context.Request.ContentLength ?? hosting.MaxBodyBytes, hosting.MaxBodyBytes)
        : 0;

    private static ConcurrencyLimiterOptions Limit(int bytes) => new() { PermitLimit = bytes, QueueLimit = 0 };
}
