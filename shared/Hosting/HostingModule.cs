using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using Millrace.Observability;

namespace Millrace.Hosting;

/// <summary>What every service's web host has: address, limits, access, problem details, OpenAPI, logs and health.</summary>
public static class HostingModule
{
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static WebApplicationBuilder AddMillraceHosting(this WebApplicationBuilder builder, string service)
    {
        var hosting = builder.Configuration.GetSection(HostingOptions.Section).Get<HostingOptions>() ?? new HostingOptions();
        var access = builder.Configuration.GetSection(AccessOptions.Section).Get<AccessOptions>() ?? new AccessOptions();
        var address = Check(hosting, access);

        builder.AddObservability(service);
        builder.WebHost.ConfigureKestrel(kestrel => Limit(kestrel, hosting, address));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(hosting.ShutdownTimeoutSeconds));
        builder.Services.ConfigureHttpJsonOptions(json => CopyJson(json.SerializerOptions));
        // Nothing here is protected across restarts, so no key ring is written to the disk.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSingleton(hosting);
        builder.Services.AddAccess(access);
        builder.Services.AddCallLimits(access, hosting);
        builder.Services.AddExceptionHandler<GoogleErrors>();
        builder.Services.AddOpenApi("v1");
        return builder;
    }

    public static WebApplication UseMillraceHosting(this WebApplication app)
    {
        app.UseExceptionHandler();
        // Problem details for whoever asks, whatever its Accept says: a page in plain text is none.
        app.UseStatusCodePages(page => Page(page.HttpContext).ExecuteAsync(page.HttpContext));
        app.UseMiddleware<BrowserGuard>();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseMiddleware<BodyBudget>();
        app.MapObservability();
        app.MapOpenApi("/openapi/v1.json").AllowAnonymous();
        return app;
    }

    private static IResult Page(HttpContext context) => GoogleErrors.AreWanted(context)
        ? GoogleErrors.Of(context.Response.StatusCode)
        : TypedResults.Problem(statusCode: context.Response.StatusCode);

    private static IPAddress Check(HostingOptions hosting, AccessOptions access)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(hosting, new ValidationContext(hosting), results, validateAllProperties: true);
        Validator.TryValidateObject(access, new ValidationContext(access), results, validateAllProperties: true);
        var problems = results.Select(result => result.ErrorMessage ?? "").ToList();
        var name = hosting.Address == "localhost" ? "127.0.0.1" : hosting.Address;
        if (!IPAddress.TryParse(name, out var address))
            problems.Add($"Hosting:Address '{hosting.Address}' is not an IP address; use 127.0.0.1, or 0.0.0.0 for every network.");
        problems.AddRange(hosting.AllowedHosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown).Select(host =>
            $"Hosting:AllowedHosts '{host}' is no name of a host; write it without scheme and port, such as millrace.example.org."));
        if (hosting.MaxBodyBytes > hosting.MaxBodyBytesTogether)
            problems.Add("Hosting:MaxBodyBytesTogether is less than Hosting:MaxBodyBytes; it must have room for one body.");
        if (hosting.MaxBodyBytes > access.BodyBytesPerCaller)
            problems.Add("Access:BodyBytesPerCaller is less than Hosting:MaxBodyBytes; it must have room for one body.");
        problems.AddRange(AccessRules.Check(access, address is null || IPAddress.IsLoopback(address)));
        return problems.Count == 0 ? address! : throw new ConfigurationException(problems);
    }

    private static void Limit(KestrelServerOptions kestrel, HostingOptions hosting, IPAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = hosting.MaxBodyBytes;
        kestrel.Limits.MaxConcurrentConnections = hosting.MaxConnections;
        kestrel.Listen(address, hosting.Port);
    }

    private static void CopyJson(System.Text.Json.JsonSerializerOptions json)
    {
        json.DefaultIgnoreCondition = MillraceJson.Options.DefaultIgnoreCondition;
        json.Encoder = MillraceJson.Options.Encoder;
        json.MaxDepth = MillraceJson.Options.MaxDepth;
        foreach (var converter in MillraceJson.Options.Converters)
            json.Converters.Add(converter);
    }
}
