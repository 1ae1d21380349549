namespace Millrace.Inference.Sessions;

/// <summary>The device has no memory for a batch of this size.</summary>
public sealed class DeviceMemoryException(string device, int rows, int width, Exception? inner = null)
    : Exception($"{device} has no memory for a batch of {rows} x {width} tokens.", inner);
