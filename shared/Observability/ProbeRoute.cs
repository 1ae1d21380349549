namespace Millrace.Observability;

/// <summary>Marks a route that probes and scrapers ask: nothing else that is asked may use up what they need.</summary>
public sealed class ProbeRoute;
