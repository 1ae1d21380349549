using Millrace.Contracts;
using Serilog.Core;
using Serilog.Data;
using Serilog.Events;

namespace Millrace.Observability;

/// <summary>
/// Makes an event fit for lines of text: control characters in properties, which may come from anybody's message, are made visible, and
/// an exception is a property whose lines all stand behind an indent. So nothing in an event looks like another one.
/// </summary>
internal sealed class VisibleEvents : LogEventPropertyValueRewriter<bool>, ILogEventEnricher
{
    /// <summary>For templates, in the place of <c>Exception</c>.</summary>
    public const string ExceptionText = "ExceptionText";

    private const string Indent = "    ";

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToArray())
        {
            if (Visit(true, value) is var visible && !ReferenceEquals(visible, value))
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, visible!));
        }
        if (logEvent.Exception is { } error)
            logEvent.AddOrUpdateProperty(new LogEventProperty(ExceptionText, new ScalarValue(Lines(error))));
    }

    protected override LogEventPropertyValue VisitScalarValue(bool state, ScalarValue scalar) =>
        scalar.Value is string text && VisibleText.Of(text) is var visible && !ReferenceEquals(visible, text) ? new ScalarValue(visible) : scalar;

    private static string Lines(Exception error) => string.Concat(
        error.ToString().ReplaceLineEndings("\n").Split('\n').Select(line => Indent + VisibleText.Of(line) + Environment.NewLine));
}
