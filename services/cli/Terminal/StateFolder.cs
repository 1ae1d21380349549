namespace Millrace.Cli.Terminal;

/// <summary>Where the command line remembers interrupted ingests and estimates: below the folder that it is called in.</summary>
internal static class StateFolder
{
    public static string Path => System.IO.Path.Combine(Environment.CurrentDirectory, ".millrace");
}
