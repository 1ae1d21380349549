using System.CommandLine;
using Microsoft.Extensions.Options;
using Millrace.Cli.Client;
using Millrace.Cli.Ingest;
using Millrace.Cli.Posts;
using Millrace.Contracts;
using Millrace.Storage;

namespace Millrace.Cli.Terminal;

/// <summary>Runs a verb's body and turns the errors that a person can mend into one message and an exit code.</summary>
internal static class VerbAction
{
    public static Option<bool> JsonOption() => new("--json") { Description = "Print results as JSON, one line each, for programs." };

    public static void Run(this Command verb, Option<bool> json, Func<ParseResult, Output, CancellationToken, Task<int>> body) =>
        verb.SetAction((parsed, cancellationToken) => GuardAsync(parsed, new Output(parsed.GetValue(json)), body, cancellationToken));

    private static async Task<int> GuardAsync(
        ParseResult parsed, Output output, Func<ParseResult, Output, CancellationToken, Task<int>> body, CancellationToken cancellationToken)
    {
        try
        {
            return await body(parsed, output, cancellationToken);
        }
        catch (ConfigurationException error)
        {
            foreach (var problem in error.Problems)
                Console.Error.WriteLine(problem);
            return ExitCodes.Usage;
        }
        catch (OptionsValidationException error)
        {
            foreach (var problem in error.Failures)
                Console.Error.WriteLine(problem);
            return ExitCodes.Usage;
        }
        // What the configuration's binder throws for a value of the wrong kind; its message names the setting and the value.
        catch (InvalidOperationException error) when (error.InnerException is FormatException or ArgumentException)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCodes.Usage;
        }
        catch (Exception error) when (error is StoreException or MillraceClientException or IngestException or PostFileException or IOException or UnauthorizedAccessException)
        {
            return output.Fail(error.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return output.Fail("Stopped.");
        }
    }
}
