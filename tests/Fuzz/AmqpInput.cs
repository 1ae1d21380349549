using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Millrace.Messaging;
using Millrace.Messaging.RabbitMq;
using RabbitMQ.Client;

namespace Millrace.Fuzz.Tests;

/// <summary>What an AMQP client may publish: a body, and properties with headers of every type that AMQP knows.</summary>
internal sealed record AmqpInput(BasicProperties Properties, byte[] Body)
{
    /// <summary>Bodies and properties mutated apart from each other; a body is made smaller, properties are left.</summary>
    public static Arbitrary<AmqpInput> Of(AmqpCorpus corpus)
    {
        var bodies = Mutations.Of([.. corpus.Bodies]);
        var inputs =
            from seed in Gen.Choose(0, int.MaxValue - 1)
            from body in bodies.Generator
            select new AmqpInput(AmqpProperties.Make(corpus, new Random(seed)), body);
        return Arb.From(inputs, input => bodies.Shrinker(input.Body).Select(body => input with { Body = body }));
    }

    /// <summary>As a consumer on RabbitMQ is given it.</summary>
    public MessageProperties Read() => MessageMapper.FromAmqp(Properties);

    public override string ToString() => $"{Read()} [{string.Join(", ", Read().Headers)}] {Convert.ToHexString(Body)} '{Encoding.UTF8.GetString(Body)}'";
}

/// <summary>What a good message of a door is like.</summary>
internal sealed record AmqpCorpus
{
    public required IReadOnlyList<string> Bodies { get; init; }

    public IReadOnlyList<string> CorrelationIds { get; init; } = [];

    public IReadOnlyList<string> ReplyTos { get; init; } = [];

    /// <summary>Values for a header that the door reads.</summary>
    public IReadOnlyDictionary<string, string[]> Headers { get; init; } = new Dictionary<string, string[]>();
}
