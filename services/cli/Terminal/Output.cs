using System.Text.Json;
using Millrace.Contracts;
using Spectre.Console;

namespace Millrace.Cli.Terminal;

/// <summary>Results on standard output, as a table for people or one line of JSON; progress and errors on standard error.</summary>
internal sealed class Output(bool json)
{
    public bool Json => json;

    public IAnsiConsole People { get; } = ForPeople();

    public IAnsiConsole Progress { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    public void WriteJson(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, MillraceJson.Options));

    /// <summary>Writes the value as JSON, or lets <paramref name="forPeople"/> draw it.</summary>
    public void Write(object value, Action<IAnsiConsole> forPeople)
    {
        if (json)
            WriteJson(value);
        else
            forPeople(People);
    }

    /// <summary>A file or a pipe has no width, so nothing is broken into lines there.</summary>
    private static IAnsiConsole ForPeople()
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = 400;
        console.Pipeline.Attach(new VisibleOutput());
        return console;
    }

    public int Fail(string message)
    {
        Console.Error.WriteLine(VisibleText.Of(message));
        return ExitCodes.Failed;
    }
}
