namespace Millrace.Preprocessing.Text;

/// <summary>Text that every later step can rely on.</summary>
/// <param name="Value">Unicode NFC, no control characters, single spaces, single line breaks, trimmed.</param>
/// <param name="Changes">What was changed beside spaces and composition: code and how many characters.</param>
internal sealed record NormalizedText(string Value, IReadOnlyList<TextChange> Changes);

/// <summary>One kind of change made to a text.</summary>
/// <param name="Reason">
/// <c>unpaired-surrogates</c>, <c>nul</c>, <c>control-characters</c>, <c>invisible-characters</c>, <c>direction-marks</c> or
/// <c>stacked-marks</c>.
/// </param>
/// <param name="Count">Characters replaced or removed.</param>
public sealed record TextChange(string Reason, int Count);
