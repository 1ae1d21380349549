using Millrace.Contracts;

namespace Millrace.PerspectiveClassifier.Local;

/// <summary>Where a model's folder is.</summary>
internal static class LocalModelFolder
{
    /// <returns>The full path of what is there, looked for here and in the folders above the program.</returns>
    /// <exception cref="ConfigurationException">It is nowhere.</exception>
    public static string Find(string folder)
    {
        if (Path.IsPathRooted(folder) ? Directory.Exists(folder) : Directory.Exists(Path.GetFullPath(folder)))
            return Path.GetFullPath(folder);
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null && !Path.IsPathRooted(folder); above = above.Parent)
        {
            var here = Path.Combine(above.FullName, folder);
            if (Directory.Exists(here))
                return here;
        }
        throw new ConfigurationException($"Classifier: the model folder '{folder}' does not exist; set Model to a folder with model.onnx and its labels.");
    }
}
