using Microsoft.AspNetCore.Http;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Api;

/// <summary>Takes a body into memory up to a limit, whatever the sender says of its length.</summary>
internal static class BodyReader
{
    /// <exception cref="RefusedException">It is larger.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes)
            throw TooLarge(maxBytes);
        try
        {
            var reader = request.BodyReader;
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                if (read.Buffer.Length > maxBytes)
                    throw TooLarge(maxBytes);
                if (read.IsCompleted)
                {
                    var body = System.Buffers.BuffersExtensions.ToArray(read.Buffer);
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge(maxBytes);
        }
    }

    private static RefusedException TooLarge(int maxBytes) => new("too-large", $"The body is larger than {maxBytes} bytes.");
}
