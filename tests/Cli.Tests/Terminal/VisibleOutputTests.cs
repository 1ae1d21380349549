using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Tests.Terminal;

public sealed class VisibleOutputTests
{
    [Fact]
    public void Neither_a_cell_nor_a_line_commands_the_terminal()
    {
        using var drawn = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(drawn) });
        console.Profile.Width = 200;
        console.Pipeline.Attach(new VisibleOutput());

        console.Write(new Table().AddColumns("key").AddRow(Markup.Escape("a cell \u001b[2J\u001b]0;title\u0007")));
        console.WriteLine("a line \u001b[1A\rforged");

        Assert.Contains("a cell ␛[2J␛]0;title␇", drawn.ToString(), StringComparison.Ordinal);
        Assert.Contains("a line ␛[1A␍forged", drawn.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', drawn.ToString());
    }
}
