using Microsoft.AspNetCore.Http;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>What Perspective refuses, in its order and its words; null: nothing.</summary>
internal static class CommentCheck
{
    public static IResult? Text(AnalyzeRequest request, int maxTextBytes)
    {
        if (request.Type is not ("PLAIN_TEXT" or "TEXT_TYPE_UNSPECIFIED"))
            return PerspectiveErrors.Invalid("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported");
        if (TextProblem.Find(request.Text, maxTextBytes) is not { } problem)
            return null;
        return problem.Reason switch
        {
            "COMMENT_EMPTY" => PerspectiveErrors.Invalid(problem.Reason, "Comment must be non-empty."),
            "COMMENT_TOO_LONG" => PerspectiveErrors.Invalid(problem.Reason, problem.Message),
            _ => PerspectiveErrors.Invalid("INVALID_REQUEST", problem.Message),
        };
    }

    public static IResult? Attributes(AnalyzeRequest request, CommentLanguages languages, ServedLanguages served, NamedClassifier local)
    {
        if (request.Attributes.Count == 0)
            return PerspectiveErrors.Invalid("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes");
        if (languages.Requested.Count == 0 && languages.Undetectable)
            return PerspectiveErrors.Invalid("LANGUAGE_DETECTION_FAILED", "Unable to detect language");
        var available = local.Provider.Describe().Available;
        foreach (var (name, scoreType, threshold) in request.Attributes)
        {
            if (!PerspectiveAttributes.Known.Contains(name) && !available.Contains(name))
                return PerspectiveErrors.UnknownAttribute(name);
            if (scoreType is not (null or "PROBABILITY" or "SCORE_TYPE_UNSPECIFIED"))
                return PerspectiveErrors.Invalid("INVALID_REQUEST", $"Requested score type {scoreType} is not supported by attribute {name}");
            if (threshold is not (>= 0 and <= 1))
                return PerspectiveErrors.Invalid("INVALID_REQUEST", $"Score threshold of attribute {name} must be between 0 and 1");
            if (!available.Contains(name) || languages.Effective.Any(language => !served.Serves(language)))
                return PerspectiveErrors.NotSupported(name, languages.Effective, languages.Requested.Count > 0);
        }
        return null;
    }
}
