using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.DriftMonitor.Api;
using Millrace.DriftMonitor.Detection;
using Millrace.Storage;

namespace Millrace.DriftMonitor;

/// <summary>The drift monitor: a consumer of results, its detectors and their routes. Needs a bus and a store.</summary>
public static class DriftMonitorModule
{
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddDriftMonitor(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Read(builder.Configuration));
        builder.Services.AddSingleton(services => new DetectorRegistry(
            services.GetRequiredService<IMillraceStore>().Documents, services.GetRequiredService<DriftOptions>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<DriftConsumer>();
        return builder;
    }

    public static IEndpointRouteBuilder MapDriftMonitor(this IEndpointRouteBuilder routes)
    {
        routes.MapDrift();
        return routes;
    }

    private static DriftOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(DriftOptions.Section).Get<DriftOptions>() ?? new DriftOptions();
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var source in options.Sources)
            Validator.TryValidateObject(source, new ValidationContext(source), results, validateAllProperties: true);
        return results.Count == 0 ? options : throw new ConfigurationException([.. results.Select(result => $"{DriftOptions.Section}: {result.ErrorMessage}")]);
    }
}
