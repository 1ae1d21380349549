namespace Millrace.Inference.Sessions;

/// <summary>The device does not load the model. Whether it or the model is at fault is not known.</summary>
internal sealed class DeviceUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
