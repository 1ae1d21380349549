using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Inference;
using Millrace.Language;
using Millrace.Messaging;
using Millrace.PerspectiveClassifier.Api;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier;

/// <summary>The classifier service.</summary>
public static class ClassifierModule
{
    /// <summary>What a classifier is called where none is configured.</summary>
    public const string DefaultName = "perspective";

    private const int LocalCalls = 2;

    /// <summary>Adds the configured classifiers, each with a worker on its queue; they are loaded when the host starts. Needs a message bus.</summary>
    /// <param name="inference">How local models are run; null: section <c>Classifier:Inference</c>, or as it comes.</param>
    /// <exception cref="ConfigurationException">The options are wrong; every problem is named.</exception>
    public static IHostApplicationBuilder AddPerspectiveClassifier(this IHostApplicationBuilder builder, InferenceOptions? inference = null)
    {
        var options = builder.ReadClassifierOptions();
        inference ??= builder.Configuration.GetSection($"{ClassifierOptions.Section}:Inference").Get<InferenceOptions>() ?? new InferenceOptions();
        var problems = ClassifierOptionsCheck.Problems(options).Concat(inference.Problems()).ToList();
        if (problems.Count > 0)
            throw new ConfigurationException(problems);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ClassifierMetrics>();
        builder.Services.AddSingleton<ClassifierSet>();
        builder.Services.TryAddSingleton<LanguageIdentifier>();
        builder.Services.AddSingleton<CalibrationFiles>();
        builder.Services.AddSingleton<IHostedService>(services => ActivatorUtilities.CreateInstance<ClassifierSetLoader>(services, inference));
        builder.Services.AddHostedService(services => services.GetRequiredService<CalibrationFiles>());
        builder.Services.AddHealthChecks().AddCheck<ClassifierHealthCheck>("classifier");
        foreach (var (name, instance) in options.Instances)
            builder.Services.AddWorker(name, instance);
        return builder;
    }

    /// <summary><c>/api/classifier</c> and Perspective's own routes.</summary>
    public static IEndpointRouteBuilder MapPerspectiveClassifier(this IEndpointRouteBuilder routes)
    {
        routes.MapClassifier();
        routes.MapPerspectiveApi();
        return routes;
    }

    private static void AddWorker(this IServiceCollection services, string name, ClassifierInstanceOptions instance) =>
        services.AddStepHandler<JsonElement, object>(
            instance.Queue,
            provider => ActivatorUtilities.CreateInstance<ClassifierHandler>(provider, name, instance),
            worker =>
            {
                worker.MaxBatchItems = instance.MaxBatchItems;
                worker.MaxConcurrentCalls = LocalCalls;
                if (instance.Provider == ClassifierProvider.Onnx)
                    return;
                // A remote call is mostly waiting, and the provider makes those of one message side by side: what is held is messages.
                // One without an answer must hold up no other.
                worker.GathersMessages = false;
                worker.MaxConcurrentCalls = Math.Min(1_000, instance.Perspective.MaxConcurrentCalls);
                worker.Prefetch = worker.MaxConcurrentCalls + 1;
            });

    private static ClassifierOptions ReadClassifierOptions(this IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(ClassifierOptions.Section);
        var options = section.Get<ClassifierOptions>() ?? new ClassifierOptions();
        var instances = options.Instances.ToDictionary(
            instance => instance.Key,
            instance => WithWrittenLists(instance.Value, section.GetSection($"{nameof(ClassifierOptions.Instances)}:{instance.Key}")));
        return options with { Instances = instances.Count > 0 ? instances : new() { [DefaultName] = new ClassifierInstanceOptions() } };
    }

    // The binder adds what is written to a list's default; what is written is meant to stand in its place.
    private static ClassifierInstanceOptions WithWrittenLists(ClassifierInstanceOptions instance, IConfigurationSection section) => instance with
    {
        Attributes = Written(section, nameof(instance.Attributes)) ?? instance.Attributes,
        TextFields = Written(section, nameof(instance.TextFields)) ?? instance.TextFields,
        Languages = Written(section, nameof(instance.Languages)) ?? instance.Languages,
    };

    private static string[]? Written(IConfigurationSection section, string name) => section.GetSection(name).Get<string[]>();
}
