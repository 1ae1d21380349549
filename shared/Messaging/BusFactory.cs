using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Messaging.InMemory;
using Millrace.Messaging.RabbitMq;

namespace Millrace.Messaging;

/// <summary>The one door to a bus.</summary>
public static class BusFactory
{
    /// <param name="brokerUrl">
    /// <c>amqp://user:password@host:5672/vhost</c>, <c>amqps://...</c> or <c>memory:</c>. RabbitMQ's query options
    /// <c>heartbeat</c> (seconds), <c>cacertfile</c>, <c>certfile</c>, <c>keyfile</c>, <c>server_name_indication</c> and our
    /// <c>queue-type</c> (<c>classic</c> or <c>quorum</c>) and <c>max-priority</c> (0 to 9) are read.
    /// </param>
    /// <returns>A bus that is not started; it reconnects by itself until disposed.</returns>
    /// <exception cref="OptionsValidationException">Every problem of URL and options, each with its fix.</exception>
    public static IMessageBus Create(
        string brokerUrl, BusOptions? options = null, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        options ??= new BusOptions();
        Validate(options);
        var logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Millrace.Messaging");
        if (!Uri.TryCreate(brokerUrl, UriKind.Absolute, out var url) || url.Scheme is not ("amqp" or "amqps" or "memory"))
            throw Invalid("the broker URL must start with amqp://, amqps:// or be memory:");
        if (url.Scheme == "memory")
            return new MemoryBus(options, time ?? TimeProvider.System, logger);
        var (address, chosen) = RabbitMqAddress.Parse(url, options);
        return new RabbitMqBus(address, chosen, time ?? TimeProvider.System, logger);
    }

    private static void Validate(BusOptions options)
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
            throw Invalid([.. problems.Select(problem => problem.ErrorMessage ?? "invalid")]);
    }

    private static OptionsValidationException Invalid(params string[] problems) => new("broker", typeof(BusOptions), problems);
}
