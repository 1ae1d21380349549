using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.Contracts;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging;

/// <summary>Puts the bus and workers into a host.</summary>
public static class MessagingModule
{
    /// <summary>Registers the bus of <paramref name="brokerUrl"/> (see <see cref="BusFactory"/>); before every worker.</summary>
    public static IServiceCollection AddMessageBus(this IServiceCollection services, string brokerUrl, BusOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => BusFactory.Create(
            brokerUrl, options, provider.GetService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<BusConnector>();
        services.AddHealthChecks().AddCheck<BusHealthCheck>("bus");
        return services;
    }

    /// <summary>Registers a worker: <typeparamref name="THandler"/> behind a step's queue. The handler is a singleton.</summary>
    /// <exception cref="OptionsValidationException">The options are out of their ranges.</exception>
    public static IServiceCollection AddStepHandler<THandler, TIn, TOut>(
        this IServiceCollection services, string queue, Action<StepWorkerOptions>? configure = null)
        where THandler : class, IStepHandler<TIn, TOut>
    {
        services.TryAddSingleton<THandler>();
        return services.AddStepHandler<TIn, TOut>(queue, provider => provider.GetRequiredService<THandler>(), configure);
    }

    /// <summary>Registers a worker whose handler is made for this queue: several queues can have handlers of one kind.</summary>
    /// <exception cref="OptionsValidationException">The options are out of their ranges.</exception>
    public static IServiceCollection AddStepHandler<TIn, TOut>(
        this IServiceCollection services,
        string queue,
        Func<IServiceProvider, IStepHandler<TIn, TOut>> handler,
        Action<StepWorkerOptions>? configure = null)
    {
        var options = new StepWorkerOptions();
        configure?.Invoke(options);
        Check(options, queue);
        services.TryAddSingleton(TimeProvider.System);
        // Not AddHostedService: that would take two workers of one kind for one.
        services.AddSingleton<IHostedService>(provider => NewWorker(provider, queue, handler(provider), options));
        return services;
    }

    /// <summary>
    /// Registers a worker whose options are asked for when it starts, after all services that were registered before it: such as
    /// the size of a model that one of them loads. Options out of their ranges keep the host from starting.
    /// </summary>
    public static IServiceCollection AddStepHandler<THandler, TIn, TOut>(
        this IServiceCollection services, string queue, Action<IServiceProvider, StepWorkerOptions> configure)
        where THandler : class, IStepHandler<TIn, TOut>
    {
        services.TryAddSingleton<THandler>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IHostedService>(provider => new LateWorker(() =>
        {
            var options = new StepWorkerOptions();
            configure(provider, options);
            Check(options, queue);
            return NewWorker(provider, queue, provider.GetRequiredService<THandler>(), options);
        }));
        return services;
    }

    private static void Check(StepWorkerOptions options, string queue)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw new OptionsValidationException(queue, typeof(StepWorkerOptions), problems.Select(problem => $"worker of {queue}: {problem.ErrorMessage}"));
    }

    private static StepWorker<TIn, TOut> NewWorker<TIn, TOut>(
        IServiceProvider provider, string queue, IStepHandler<TIn, TOut> handler, StepWorkerOptions options)
    {
        var time = provider.GetRequiredService<TimeProvider>();
        return new StepWorker<TIn, TOut>(
            queue,
            provider.GetRequiredService<IMessageBus>(),
            handler,
            new CancelledSet(options.MaxCancellations, TimeSpan.FromSeconds(options.CancellationMemorySeconds), time),
            options,
            time,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger($"Millrace.Worker.{queue}"));
    }
}
