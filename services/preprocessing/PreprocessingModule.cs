using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.Messaging;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>The preprocessing service.</summary>
public static class PreprocessingModule
{
    /// <summary>Adds the worker and its parts. Needs a message bus.</summary>
    /// <exception cref="ConfigurationException">The options or the rule file are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddPreprocessing(this IHostApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(PreprocessingOptions.Section).Get<PreprocessingOptions>() ?? new PreprocessingOptions();
        Check(options);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<PreprocessingMetrics>();
        builder.Services.AddSingleton<RuleSetSource>();
        builder.Services.AddSingleton<LanguageIdentifier>();
        builder.Services.AddSingleton(services => new DuplicateIndex(options.DuplicateCapacity, services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton(services => new PostPreprocessor(
            services.GetRequiredService<LanguageIdentifier>(), services.GetRequiredService<DuplicateIndex>(), options.MaxTextLength));
        builder.Services.AddStepHandler<PreprocessingHandler, JsonElement, PreprocessedPost>(options.Queue, worker =>
        {
            worker.MaxBatchItems = options.MaxBatchItems;
            worker.MaxConcurrentCalls = options.MaxConcurrentCalls;
        });
        return builder;
    }

    /// <summary><c>GET /api/preprocessing</c>: the rules in force and how many posts are remembered.</summary>
    public static IEndpointRouteBuilder MapPreprocessing(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/preprocessing", (RuleSetSource rules, DuplicateIndex duplicates) => TypedResults.Ok(Describe(rules.Current, duplicates)))
            .WithName("GetPreprocessing")
            .WithTags("Preprocessing")
            .WithMetadata(new Microsoft.AspNetCore.Authorization.AuthorizeAttribute(AccessRoles.Read));
        return routes;
    }

    private static PreprocessingView Describe(RuleSet rules, DuplicateIndex duplicates) =>
        new(rules.Reference, rules.RuleNames, duplicates.Count);

    private static void Check(PreprocessingOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        var problems = results.Select(result => $"{PreprocessingOptions.Section}: {result.ErrorMessage}").ToList();
        try
        {
            if (options.RulesPath is not null)
                RuleSetReader.ReadFile(options.RulesPath);
        }
        catch (ConfigurationException wrong)
        {
            problems.AddRange(wrong.Problems);
        }
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
    }
}
