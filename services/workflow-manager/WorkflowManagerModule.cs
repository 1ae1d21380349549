using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Api;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Bulk;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.DeadLetters;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Fanout;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Runtime.Suspects;
using Millrace.WorkflowManager.Runtime.Timers;
using Millrace.WorkflowManager.Runtime.Views;
using Millrace.WorkflowManager.Suite;
using Millrace.WorkflowManager.Ui;

namespace Millrace.WorkflowManager;

/// <summary>The workflow manager in a host that has a message bus and an <see cref="IMillraceStore"/>.</summary>
public static class WorkflowManagerModule
{
    /// <summary>The same with the options of the configuration, and the service directory.</summary>
    public static IHostApplicationBuilder AddWorkflowManager(this IHostApplicationBuilder builder)
    {
        var directory = builder.Configuration.GetSection(ServiceDirectoryOptions.Section).Get<ServiceDirectoryOptions>() ?? new ServiceDirectoryOptions();
        builder.Services.AddServiceDirectory(directory);
        builder.Services.AddWorkflowManager(
            builder.Configuration.GetSection(WorkflowManagerOptions.Section).Get<WorkflowManagerOptions>() ?? new WorkflowManagerOptions());
        return builder;
    }

    /// <summary>Call after <see cref="MessagingModule.AddMessageBus"/>: what is registered first starts first.</summary>
    /// <exception cref="ConfigurationException">Options are out of their ranges; every problem is named.</exception>
    public static IServiceCollection AddWorkflowManager(this IServiceCollection services, WorkflowManagerOptions options)
    {
        Check(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddStoreRooms();
        services.AddDefinitions();
        services.AddCommits();
        services.AddDispatch();
        services.AddGates();
        services.AddDoors();
        services.AddTimers();
        services.AddViews();
        services.AddHealthChecks().AddCheck<ManagerHealth>("workflow-manager");
        services.AddHostedService<ManagerService>();
        return services;
    }

    /// <summary>The REST routes under <c>/api</c>, and the page. Health is the host's, and so are OpenAPI and access rules.</summary>
    public static IEndpointRouteBuilder MapWorkflowManager(this IEndpointRouteBuilder routes)
    {
        routes.MapUi();
        routes.MapServiceDirectory();
        var api = routes.MapGroup("/api").WithTags("Workflow manager").TellOutages();
        api.MapRequests();
        api.MapRequestActions();
        api.MapTimeline();
        api.MapWorkflows();
        api.MapDeadLetters();
        return routes;
    }

    private static void AddStoreRooms(this IServiceCollection services) => services
        .AddSingleton(provider => provider.GetRequiredService<IMillraceStore>().Requests)
        .AddSingleton(provider => provider.GetRequiredService<IMillraceStore>().Views)
        .AddSingleton(provider => provider.GetRequiredService<IMillraceStore>().Documents)
        .AddSingleton(provider => provider.GetRequiredService<IMillraceStore>().Results);

    private static void AddDefinitions(this IServiceCollection services) => services
        .AddSingleton<WorkflowCatalog>()
        .AddSingleton<WorkflowLoader>()
        .AddSingleton<Rehearsal>();

    private static void AddCommits(this IServiceCollection services) => services
        .AddSingleton<RuntimeMeter>()
        .AddSingleton<ManagerHealth>()
        .AddSingleton<Bell>()
        .AddSingleton<WorkInbox>()
        .AddSingleton<SentTickets>()
        .AddSingleton<RequestWatch>()
        .AddSingleton<ResultKeeper>()
        .AddSingleton<CommitNews>()
        .AddSingleton<DamagedRequests>()
        .AddSingleton<RequestLoader>()
        .AddSingleton<GroupPreparer>()
        .AddSingleton<CommitsUnderWay>()
        .AddSingleton<CommitEnding>()
        .AddSingleton<CommitLoop>()
        .AddSingleton<RunningCache>();

    private static void AddDispatch(this IServiceCollection services) => services
        .AddSingleton<EffectQueue>()
        .AddSingleton<UnsentDispatches>()
        .AddSingleton<UnsentTimers>()
        .AddSingleton<RequestReloader>()
        .AddSingleton<EffectDispatcher>()
        .AddSingleton<EffectPerformer>()
        .AddSingleton<EffectRetry>()
        .AddSingleton<OutboxKeeper>()
        .AddSingleton<Redispatcher>()
        .AddSingleton<BrokerWatch>()
        .AddSingleton<MessageSender>()
        .AddSingleton<StepSender>()
        .AddSingleton<CancellationSender>()
        .AddSingleton<StepCache>()
        .AddSingleton<StepHolds>()
        .AddSingleton<QueueFacts>()
        .AddSingleton<ResultSender>()
        .AddSingleton<PermitIssuer>()
        .AddSingleton<ChildWindows>()
        .AddSingleton<KeptItems>()
        .AddSingleton<ChildStarter>()
        .AddSingleton<ChildGatherer>();

    private static void AddGates(this IServiceCollection services) => services
        .AddSingleton<RateGates>()
        .AddSingleton<StepLimits>()
        .AddSingleton<Lines>()
        .AddSingleton<Pauses>()
        .AddSingleton<StepGates>()
        .AddSingleton<ResumeScan>()
        .AddSingleton<Resumes>()
        .AddSingleton<SharedFacts>();

    private static void AddDoors(this IServiceCollection services) => services
        .AddSingleton<RunningCount>()
        .AddSingleton<Admission>()
        .AddSingleton<IngestDoor>()
        .AddSingleton<IngestConsumer>()
        .AddSingleton<UnknownConsumer>()
        .AddSingleton<SuspectSender>()
        .AddSingleton<SuspectConsumer>()
        .AddSingleton<ReplyQueues>()
        .AddSingleton<ReplyConsumer>()
        .AddSingleton<ReplyDoors>()
        .AddSingleton<WantedConsumer>()
        .AddSingleton<DeadLetterQueue>();

    private static void AddTimers(this IServiceCollection services) => services
        .AddSingleton<DueClock>()
        .AddSingleton<UsualDelay>()
        .AddSingleton<StoreClock>()
        .AddSingleton<ClockCheck>()
        .AddSingleton<DueLoop>()
        .AddSingleton<RetentionRound>()
        .AddSingleton<ScheduleMarks>()
        .AddSingleton<ScheduleRound>()
        .AddSingleton<WatchdogLease>()
        .AddSingleton<WatchdogRound>()
        .AddSingleton<Housekeeping>();

    private static void AddViews(this IServiceCollection services) => services
        .AddSingleton<WhyFinder>()
        .AddSingleton<RequestFinder>()
        .AddSingleton<RequestSearch>()
        .AddSingleton<WorkflowViews>()
        .AddSingleton<QueueViews>()
        .AddSingleton<BulkAction>();

    private static void Check(WorkflowManagerOptions options)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw new ConfigurationException([.. problems.Select(problem => $"{WorkflowManagerOptions.Section}: {problem.ErrorMessage}")]);
    }
}
