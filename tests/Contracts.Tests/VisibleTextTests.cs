namespace Millrace.Contracts.Tests;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("plain, Ünïcode 👩‍👩‍👧", "plain, Ünïcode 👩‍👩‍👧")]
    [InlineData("two\r\nlines", "two␍␊lines")]
    [InlineData("\u001b[31mred\u007f", "␛[31mred␡")]
    [InlineData("\u009b31m \u0085 \u2028 \u202e \u2066", "�31m � � � �")]
    public void What_commands_a_terminal_or_ends_a_line_is_shown(string text, string shown) => Assert.Equal(shown, VisibleText.Of(text));
}
