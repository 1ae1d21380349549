using System.Text;

namespace Millrace.Fuzz.Tests;

/// <summary>Ids in the corpus, which stand for those of requests that are running when the input is sent.</summary>
internal static class Places
{
    /// <summary>A request at the first of three steps.</summary>
    public const string AtFirst = "0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10";

    /// <summary>A request at its second step.</summary>
    public const string AtSecond = "1b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f11";

    /// <summary>An item of a task.</summary>
    public const string Item = "2b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f12";

    /// <param name="addresses">Of the three places, as <c>id:step</c>.</param>
    public static AmqpInput Fill(AmqpInput input, params string[] addresses)
    {
        var properties = new RabbitMQ.Client.BasicProperties(input.Properties);
        var body = input.Body.ToArray();
        foreach (var (place, address) in new[] { AtFirst, AtSecond, Item }.Zip(addresses))
        {
            var id = address[..place.Length];
            properties.CorrelationId = properties.CorrelationId?.Replace(place, id, StringComparison.Ordinal);
            Fill(body, Encoding.ASCII.GetBytes(place), Encoding.ASCII.GetBytes(id));
        }
        return new AmqpInput(properties, body);
    }

    private static void Fill(Span<byte> body, ReadOnlySpan<byte> place, ReadOnlySpan<byte> id)
    {
        while (body.IndexOf(place) is var at and >= 0)
        {
            id.CopyTo(body[at..]);
            body = body[(at + id.Length)..];
        }
    }
}
