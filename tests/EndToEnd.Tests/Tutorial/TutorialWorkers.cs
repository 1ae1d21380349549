using Millrace.EndToEnd.Tests.Foreign;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Tutorial;

/// <summary>Each of the page's workers as a process.</summary>
internal static class TutorialWorkers
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <UseAppHost>false</UseAppHost>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="LIBRARIES/*.dll" Exclude="LIBRARIES/millrace.dll" />
          </ItemGroup>
        </Project>
        """;

    public static async Task<WorkerProcess> StartAsync(string language, RabbitMqNode broker, string folder)
    {
        var code = TutorialPage.Block(language, broker);
        return language switch
        {
            "python" => await PythonAsync(code, folder),
            "js" => await NodeAsync(code),
            "csharp" => await CSharpAsync(code, folder),
            _ => throw new ArgumentOutOfRangeException(nameof(language), language, "The page has no worker in it."),
        };
    }

    private static async Task<WorkerProcess> PythonAsync(string code, string folder)
    {
        await DebianPackage.InstallAsync("python3-pika", "/usr/lib/python3/dist-packages/pika/__init__.py");
        var file = Path.Combine(folder, "worker.py");
        await File.WriteAllTextAsync(file, code);
        return WorkerProcess.Start("/usr/bin/python3", [file]);
    }

    private static async Task<WorkerProcess> NodeAsync(string code)
    {
        await NodePackages.InstallAsync();
        // Beside the packages, or Node would not find them.
        var file = Path.Combine(NodePackages.Folder, "tutorial.mjs");
        await File.WriteAllTextAsync(file, code);
        return WorkerProcess.Start("node", [file]);
    }

    /// <summary>Built against the libraries that this build has made, so that none of them is built again under running tests.</summary>
    private static async Task<WorkerProcess> CSharpAsync(string code, string folder)
    {
        var project = Directory.CreateDirectory(Path.Combine(folder, "worker")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(project, "worker.csproj"), Project.Replace("LIBRARIES", Path.GetDirectoryName(MillraceProcess.Program), StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), code);
        await CommandLine.RunAsync("dotnet", ["build", "-o", "out", "--nologo", "-v", "quiet"], project);
        return WorkerProcess.Start("dotnet", [Path.Combine(project, "out", "worker.dll"), "--urls", "http://127.0.0.1:0"]);
    }
}
