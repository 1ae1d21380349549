using Microsoft.Extensions.Configuration;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager;

namespace Millrace.Standalone;

/// <summary>The limits of the bus, from the section <c>Bus</c>, and whether those of the manager go with them.</summary>
internal static class BusSettings
{
    private const string Section = "Bus";

    /// <summary>What a message has beside the input of its step: a batch of one item, say.</summary>
    private const int EnvelopeBytes = 16 * 1024;

    /// <exception cref="ConfigurationException">A name is unknown or a value can't be read; one out of its range is refused when the bus is made.</exception>
    public static BusOptions Read(IConfiguration configuration, string connectionName)
    {
        var section = configuration.GetSection(Section);
        try
        {
            var options = section.Get<BusOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new BusOptions();
            return options with { ConnectionName = section[nameof(BusOptions.ConnectionName)] ?? connectionName };
        }
        catch (InvalidOperationException error)
        {
            throw new ConfigurationException($"Bad options of the bus in section {Section}: {error.Message}");
        }
    }

    /// <exception cref="ConfigurationException">The manager would make messages that the bus does not take; each is named.</exception>
    public static void CheckManager(IConfiguration configuration, BusOptions bus)
    {
        var manager = configuration.GetSection(WorkflowManagerOptions.Section).Get<WorkflowManagerOptions>() ?? new WorkflowManagerOptions();
        (string Name, int Bytes)[] sizes =
            [(nameof(manager.MaxMessageBytes), manager.MaxMessageBytes), (nameof(manager.BatchMaxBytes), manager.BatchMaxBytes)];
        string[] problems = [.. sizes.Where(size => size.Bytes > bus.MaxBodyBytes - EnvelopeBytes).Select(size =>
            $"{WorkflowManagerOptions.Section}:{size.Name} is {size.Bytes}, and {Section}:{nameof(bus.MaxBodyBytes)} {bus.MaxBodyBytes}: "
            + $"it must be at least {EnvelopeBytes} less, or its messages could not be sent.")];
        if (problems.Length > 0)
            throw new ConfigurationException(problems);
    }
}
