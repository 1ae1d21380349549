namespace Millrace.Inference.Sessions;

/// <summary>A model on one device. Called by one thread only, the device's own.</summary>
public interface IModelSession : IDisposable
{
    /// <summary>Such as <c>cpu</c> or <c>cuda:0</c>.</summary>
    string Device { get; }

    /// <param name="rows">The ids of each text; at least one row.</param>
    /// <exception cref="DeviceMemoryException">The batch does not fit the device's memory; a smaller one may.</exception>
    ModelOutput Run(IReadOnlyList<int[]> rows);
}
