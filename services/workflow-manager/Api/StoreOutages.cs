using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>A caller learns within a bounded time that the store is away or has no room, 503 with <c>Retry-After</c>, and of damage what is damaged.</summary>
internal static class StoreOutages
{
    private const string RetryAfterSeconds = "5";

    /// <summary>For routes that read.</summary>
    public static TBuilder TellOutages<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (StoreException failure) when (failure.IsTransient)
            {
                return Refuse(context.HttpContext, "store-unavailable", failure.Message);
            }
            catch (DamagedRequestException damaged)
            {
                return Problems.Create(StatusCodes.Status500InternalServerError, "request-damaged", damaged.Message);
            }
        });

    /// <summary>For routes that return once something is saved, which the commit loop tries as long as it takes.</summary>
    public static TBuilder BoundSaving<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var options = http.RequestServices.GetRequiredService<WorkflowManagerOptions>();
            using var time = new CancellationTokenSource(
                TimeSpan.FromMilliseconds(options.SaveTimeoutMs), http.RequestServices.GetRequiredService<TimeProvider>());
            using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, http.RequestAborted);
            for (var index = 0; index < context.Arguments.Count; index++)
            {
                if (context.Arguments[index] is CancellationToken)
                    context.Arguments[index] = either.Token;
            }
            try
            {
                return await next(context);
            }
            catch (OperationCanceledException) when (time.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
            {
                return http.RequestServices.GetRequiredService<Admission>().IsOpen
                    ? Refuse(http, "store-unavailable", $"It was not saved within {options.SaveTimeoutMs} ms. It may be later; to ask again is safe.")
                    : Refuse(http, "overloaded", $"Too much was under way for {options.SaveTimeoutMs} ms; nothing of it was taken.");
            }
        });

    private static IResult Refuse(HttpContext http, string code, string detail)
    {
        http.Response.Headers.RetryAfter = RetryAfterSeconds;
        return Problems.Create(StatusCodes.Status503ServiceUnavailable, code, detail);
    }
}
