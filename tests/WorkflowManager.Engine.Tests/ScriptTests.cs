using Millrace.WorkflowManager.Engine.Tests.Scripting;

namespace Millrace.WorkflowManager.Engine.Tests;

/// <summary>
/// Every rule of the engine as a script that a reader can follow: scripts/*.txt. To accept a changed behaviour, run with
/// MILLRACE_REWRITE_SCRIPTS set to the scripts' folder and read the difference before committing it.
/// </summary>
public sealed class ScriptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "scripts");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileName(file)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_happens_is_what_the_script_says(string name)
    {
        var expected = File.ReadAllText(Path.Combine(Folder, name));
        var actual = Script.Run(expected);
        if (Environment.GetEnvironmentVariable("MILLRACE_REWRITE_SCRIPTS") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, name), actual);
        else
            Assert.Equal(expected, actual);
    }
}
