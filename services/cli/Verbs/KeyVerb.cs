using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.Contracts;
using Millrace.Hosting.Access;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace key NAME --role R</c>: a new API key, shown once, and the configuration that knows it by its hash.</summary>
internal static class KeyVerb
{
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = "Whose key it is." };
        var roles = new Option<string[]>("--role") { Description = "ingest, read or operate; may be given more than once.", Required = true };
        roles.AcceptOnlyFromAmong([.. AccessRoles.All]);
        var json = VerbAction.JsonOption();
        var verb = new Command("key", "Make an API key.") { name, roles, json };
        verb.Run(json, (parsed, output, _) =>
        {
            var key = ApiKey.Create();
            var entry = new { name = parsed.GetRequiredValue(name), sha256 = key.Sha256, roles = parsed.GetRequiredValue(roles) };
            output.Write(new { key = key.Text, configuration = entry }, console =>
            {
                console.WriteLine($"Key (kept nowhere, note it now): {key.Text}");
                console.WriteLine("Environment of the services (replace 0 by the entry's number):");
                console.WriteLine($"  Access__Keys__0__Name={entry.name}");
                console.WriteLine($"  Access__Keys__0__Sha256={entry.sha256}");
                for (var i = 0; i < entry.roles.Length; i++)
                    console.WriteLine($"  Access__Keys__0__Roles__{i}={entry.roles[i]}");
            });
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }
}
