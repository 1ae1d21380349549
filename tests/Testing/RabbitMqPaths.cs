namespace Millrace.Testing;

/// <summary>Where Debian puts RabbitMQ. The wrappers in /usr/sbin change the user, which a private node must not.</summary>
internal static class RabbitMqPaths
{
    public const string Folder = "/usr/lib/rabbitmq/bin";
    public const string Server = Folder + "/rabbitmq-server";
}
