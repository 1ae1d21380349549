namespace Millrace.WorkflowManager.Engine.Reasons;

/// <summary>Why a request stands where it stands.</summary>
/// <param name="Code">One of <see cref="WhyCodes"/>.</param>
/// <param name="Sentence">The same for a person.</param>
/// <param name="Step">The step that it is about.</param>
/// <param name="Until">When this ends by itself.</param>
/// <param name="Ahead">How many go first.</param>
public sealed record WhyReason(string Code, string Sentence, string? Step = null, DateTimeOffset? Until = null, long? Ahead = null);
