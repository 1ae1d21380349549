using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Models;
using Millrace.Inference.Sessions;

namespace Millrace.GpuEmbedding.Api;

/// <summary><c>POST /v1/embeddings</c>, so that clients of OpenAI's service work by changing their base URL.</summary>
internal static class EmbeddingsApi
{
    private static readonly string[] Formats = ["float", "base64"];

    public static void MapEmbeddings(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/embeddings", EmbedAsync)
            .WithTags("Embedding").WithSummary("Vectors of texts, in OpenAI's shapes")
            .WithDescription(
                "Beside OpenAI's members the answer has modelRevision, and each vector tokens, truncated and timings (queueMs, tokenizeMs, inferenceMs), " +
                "which OpenAI's clients leave alone.")
            .Accepts<EmbeddingsBody>("application/json").Produces<EmbeddingsView>()
            .Produces<ErrorView>(StatusCodes.Status400BadRequest).Produces<ErrorView>(StatusCodes.Status413PayloadTooLarge)
            .Produces<ErrorView>(StatusCodes.Status422UnprocessableEntity).Produces<ErrorView>(StatusCodes.Status429TooManyRequests)
            .Produces<ErrorView>(StatusCodes.Status500InternalServerError).Produces<ErrorView>(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> EmbedAsync(
        HttpContext context, Embedder embedder, EmbeddingOptions options, CancellationToken cancellationToken)
    {
        var (body, unreadable) = await ReadAsync(context, cancellationToken);
        if (body is null)
            return unreadable!;
        try
        {
            if (EmbeddingsInput.Read(body.Input) is not { } items)
                return Bad("input must be a text, an array of texts, an array of token ids, or an array of such arrays; none may be empty.", "input");
            if (Refuse(body, items, options) is { } refusal)
                return refusal;
            return Answer(body, embedder, await EmbedAllAsync(embedder, items, new EmbedOptions(body.Dimensions, body.Prompt), cancellationToken));
        }
        catch (OverloadedException overload)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(overload.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Error(StatusCodes.Status429TooManyRequests, overload.Message, "rate_limit_error", null, "overloaded");
        }
        catch (NonFiniteOutputException error)
        {
            return Error(StatusCodes.Status422UnprocessableEntity, error.Message, "invalid_request_error", "input", "not_finite");
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return Bad(error.Message, (error as EmbedOptionException)?.Option ?? "input");
        }
        // Whatever the runtime throws, the caller's client must be able to read it.
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(error);
        }
    }

    private static async Task<(EmbeddingsBody? Body, JsonHttpResult<ErrorView>? Unreadable)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            var body = await JsonSerializer.DeserializeAsync<EmbeddingsBody>(context.Request.Body, MillraceJson.Options, cancellationToken);
            return body is null ? (null, Bad("The body is null.", null)) : (body, null);
        }
        catch (JsonException error)
        {
            return (null, Bad($"The body is not the JSON that is expected: {error.Message}", null));
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, Error(error.StatusCode, "The body is too large.", "invalid_request_error", null, "body_too_large"));
        }
    }

    private static JsonHttpResult<ErrorView>? Refuse(EmbeddingsBody body, IReadOnlyList<EmbeddingsItem> items, EmbeddingOptions options)
    {
        if (body.EncodingFormat is { } format && !Formats.Contains(format))
            return Bad($"encoding_format must be float or base64, not '{format}'.", "encoding_format");
        if (items.Count > options.MaxTextsPerCall)
            return Error(
                StatusCodes.Status422UnprocessableEntity, $"input has {items.Count} texts; at most {options.MaxTextsPerCall} are allowed in a call.",
                "invalid_request_error", "input", "too_many_texts");
        return items.Any(item => (item.Text?.Length ?? item.Ids!.Length) > options.MaxTextLength)
            ? Error(
                StatusCodes.Status413PayloadTooLarge, $"A text of input is longer than {options.MaxTextLength} characters.",
                "invalid_request_error", "input", "text_too_long")
            : null;
    }

    /// <summary>If one text is refused the others are taken out of the queue again, so that the refusal does not wait for them.</summary>
    private static async Task<Embedding[]> EmbedAllAsync(
        Embedder embedder, IReadOnlyList<EmbeddingsItem> items, EmbedOptions wanted, CancellationToken cancellationToken)
    {
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return await Task.WhenAll(items.Select(async item =>
        {
            try
            {
                return await (item.Text is { } text
                    ? embedder.EmbedAsync(text, wanted, rest.Token)
                    : embedder.EmbedAsync(item.Ids, wanted, rest.Token));
            }
            catch
            {
                await rest.CancelAsync();
                throw;
            }
        }));
    }

    private static JsonHttpResult<EmbeddingsView> Answer(EmbeddingsBody body, Embedder embedder, Embedding[] embeddings)
    {
        var format = body.EncodingFormat == "base64" ? VectorFormat.Base64 : VectorFormat.Array;
        var tokens = embeddings.Sum(embedding => embedding.Tokens);
        var data = embeddings.Select((embedding, index) => new EmbeddingView(
            "embedding", index, VectorText.Write(embedding.Values, format), embedding.Tokens, embedding.Truncated, embedding.Timings)).ToList();
        return TypedResults.Json(
            new EmbeddingsView("list", data, embedder.Model.Name, embedder.Model.Revision, new UsageView(tokens, tokens)), MillraceJson.Options);
    }

    /// <summary>503 if it is the service's state, which passes; 500 if the runtime failed on a text.</summary>
    private static JsonHttpResult<ErrorView> Failed(Exception error) => error switch
    {
        DeviceMemoryException => Error(StatusCodes.Status503ServiceUnavailable, error.Message, "server_error", null, "no_device_memory"),
        OperationCanceledException or ObjectDisposedException =>
            Error(StatusCodes.Status503ServiceUnavailable, "The service is stopping; try again.", "server_error", null, "stopping"),
        _ => Error(StatusCodes.Status500InternalServerError, $"The model failed: {error.Message}", "server_error", null, "inference_failed"),
    };

    private static JsonHttpResult<ErrorView> Bad(string message, string? param) =>
        Error(StatusCodes.Status400BadRequest, message, "invalid_request_error", param, null);

    private static JsonHttpResult<ErrorView> Error(int status, string message, string type, string? param, string? code) =>
        TypedResults.Json(new ErrorView(new ErrorDetail(message, type, param, code)), MillraceJson.Options, statusCode: status);
}
