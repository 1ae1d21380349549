using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.WorkflowManager.Definitions;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace validate FILE|FOLDER</c>: every mistake at once, each with its place.</summary>
internal static class ValidateVerb
{
    public static Command Create()
    {
        var path = new Argument<string>("path") { Description = "A workflow file, or a folder of them." };
        var json = VerbAction.JsonOption();
        var verb = new Command("validate", "Check workflow files.") { path, json };
        verb.Run(json, (parsed, output, _) =>
        {
            var reading = Read(parsed.GetRequiredValue(path));
            var names = reading.Definitions.Select(definition => definition.Name).ToArray();
            output.Write(new { valid = !reading.HasErrors, workflows = names, problems = reading.Problems.ToArray() }, console =>
            {
                foreach (var problem in reading.Problems)
                    console.WriteLine(problem.ToString());
                if (!reading.HasErrors)
                    console.WriteLine($"Valid: {string.Join(", ", names)}");
            });
            return Task.FromResult(reading.HasErrors ? ExitCodes.Failed : ExitCodes.Ok);
        });
        return verb;
    }

    /// <exception cref="IOException">There is no such file or folder.</exception>
    public static DefinitionReading Read(string path)
    {
        if (Directory.Exists(path))
            return WorkflowReader.ReadFolder(path);
        return File.Exists(path) ? WorkflowReader.Read(path, File.ReadAllText(path)) : throw new IOException($"{path}: there is no such file or folder.");
    }
}
