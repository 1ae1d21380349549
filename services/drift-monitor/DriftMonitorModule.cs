using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.DriftMonitor.Api;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.Storage;

namespace Millrace.DriftMonitor;

/// <summary>The drift monitor: a consumer of results, its detectors and their routes. Needs a bus and a store.</summary>
public static class DriftMonitorModule
{
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddDriftMonitor(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Read(builder.Configuration));
        builder.Services.AddSingleton<IgnoredVectors>();
        builder.Services.AddSingleton(services => new DetectorRegistry(
            services.GetRequiredService<IMillraceStore>().Documents, services.GetRequiredService<IgnoredVectors>(),
            services.GetRequiredService<DriftOptions>(), services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<DetectorRegistry>>()));
        builder.Services.AddSingleton<AlarmSender>();
        // The consumer first: it loads the detectors, and with them the alarms that are still to be sent.
        builder.Services.AddHostedService<DriftConsumer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AlarmSender>());
        return builder;
    }

    public static IEndpointRouteBuilder MapDriftMonitor(this IEndpointRouteBuilder routes)
    {
        routes.MapDrift();
        return routes;
    }

    private static DriftOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(DriftOptions.Section);
        var options = section.Get<DriftOptions>() ?? new DriftOptions();
        // The binder adds what is written to a list's default; what is written is meant to stand in its place.
        options = options with { Sources = section.GetSection(nameof(options.Sources)).Get<DriftSourceOptions[]>() ?? options.Sources };
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var source in options.Sources)
            Validator.TryValidateObject(source, new ValidationContext(source), results, validateAllProperties: true);
        foreach (var twice in options.Sources.CountBy(source => source.Name).Where(found => found.Value > 1))
            results.Add(new ValidationResult($"The source '{twice.Key}' stands there {twice.Value} times; give each a name of its own."));
        return results.Count == 0 ? options : throw new ConfigurationException([.. results.Select(result => $"{DriftOptions.Section}: {result.ErrorMessage}")]);
    }
}
