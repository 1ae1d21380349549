using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>
/// Perspective's own routes, answered by the local model in the exact contract, so that what used Perspective goes on by changing a
/// URL. What the model does not score is refused as an attribute without a language, which Perspective's clients know to leave out.
/// </summary>
public static class PerspectiveApi
{
    private const string Base = "/v1alpha1/comments";

    public static IEndpointRouteBuilder MapPerspectiveApi(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Perspective").AllowAnonymous();
        // With a literal colon in the route; access is checked inside, because a refusal must be in Google's form.
        group.AddEndpointFilter((call, next) =>
        {
            PerspectiveCors.Allow(call.HttpContext, call.HttpContext.RequestServices.GetRequiredService<ClassifierOptions>());
            return next(call);
        });
        foreach (var method in (string[])[":analyze", ":suggestscore"])
            routes.MapMethods(Base + method, [HttpMethods.Options], PerspectiveCors.Preflight).AllowAnonymous().ExcludeFromDescription();
        group.MapPost(Base + ":analyze", AnalyzeAsync).WithName("AnalyzeComment").Accepts<object>("application/json");
        group.MapPost(Base + ":suggestscore", SuggestAsync).WithName("SuggestCommentScore").Accepts<object>("application/json");
        group.MapGet("/$discovery/rest", Discover).WithName("DiscoverPerspective");
        return routes;
    }

    private static async Task<IResult> AnalyzeAsync(
        HttpContext http, ClassifierSet set, LanguageIdentifier identifier, IAuthorizationService authorization, CancellationToken cancellationToken)
    {
        if (!(await authorization.AuthorizeAsync(http.User, AccessRoles.Read)).Succeeded)
            return PerspectiveErrors.Forbidden();
        if (set.Compatible is not { } local)
            return PerspectiveErrors.Unavailable("No classifier here scores locally; configure one with Provider: onnx or shadow.");
        var (request, malformed) = await AnalyzeRequest.ReadAsync(http.Request, suggestion: false);
        if (request is null)
            return malformed!;
        var served = new ServedLanguages(local.Options.Languages, identifier);
        var languages = CommentLanguages.Of(request, served);
        if ((CommentCheck.Text(request, local.Options.MaxTextBytes) ?? CommentCheck.Attributes(request, languages, served, local)) is { } wrong)
            return wrong;
        var spans = request.SpanAnnotations ? SentenceSpans.Of(request.Text) : [(0, request.Text.Length)];
        // The comment's language is its parts' too: a sentence alone may be too short to tell.
        var whole = new PostToClassify("", request.Text, languages.Effective[0]);
        var posts = spans.Count == 1 && spans[0] == (0, request.Text.Length)
            ? [whole]
            : spans.Select(span => whole with { Text = request.Text[span.Begin..span.End] }).Prepend(whole).ToList();
        var found = await local.Provider.ClassifyAsync(posts, cancellationToken);
        if (found.OfType<PostClassification.Throttled>().FirstOrDefault() is { } busy)
            return PerspectiveErrors.Exhausted(busy.RetryAfter);
        if (found.OfType<PostClassification.Unlabelled>().FirstOrDefault() is { } unlabelled)
            return PerspectiveErrors.Invalid("INVALID_REQUEST", unlabelled.Message);
        if (found.OfType<PostClassification.Failed>().FirstOrDefault() is { } failed)
            return PerspectiveErrors.Internal(failed.Message);
        return Results.Json(AnalyzeAnswer.Write(request, languages, spans, [.. found.Cast<PostClassification.Labelled>().Select(item => item.Scores)]));
    }

    /// <summary>Accepted and checked like Google's; nothing is kept of it, and no model here learns from it.</summary>
    private static async Task<IResult> SuggestAsync(HttpContext http, LanguageIdentifier identifier, ClassifierSet set, IAuthorizationService authorization)
    {
        if (!(await authorization.AuthorizeAsync(http.User, AccessRoles.Read)).Succeeded)
            return PerspectiveErrors.Forbidden();
        var (request, malformed) = await AnalyzeRequest.ReadAsync(http.Request, suggestion: true);
        if (request is null)
            return malformed!;
        var options = set.Compatible?.Options ?? new ClassifierInstanceOptions();
        if (CommentCheck.Text(request, options.MaxTextBytes) is { } wrong)
            return wrong;
        if (request.Attributes.Count == 0)
            return PerspectiveErrors.Invalid("NO_REQUESTED_ATTRIBUTES", "Missing attribute_scores");
        if (request.Attributes.FirstOrDefault(attribute => !PerspectiveAttributes.Known.Contains(attribute.Name)) is { } unknown)
            return PerspectiveErrors.UnknownAttribute(unknown.Name);
        var languages = CommentLanguages.Of(request, new ServedLanguages(options.Languages, identifier));
        var answer = new JsonObject
        {
            ["detectedLanguages"] = PerspectiveErrors.Texts(languages.Detected),
            ["requestedLanguages"] = PerspectiveErrors.Texts(request.Languages),
        };
        if (request.ClientToken is not null)
            answer["clientToken"] = request.ClientToken;
        return Results.Json(answer);
    }

    private static IResult Discover(HttpRequest http) =>
        Results.Json(DiscoveryDocument.Write($"{http.Scheme}://{http.Host}{http.PathBase}/"));
}
