using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Models;

namespace Millrace.GpuEmbedding;

/// <summary>The embedding step: texts in, vectors out. Texts of one message share the device's batches with all others.</summary>
public sealed class EmbedHandler(Embedder embedder, EmbeddingOptions options) : IStepHandler<EmbedInput, EmbedOutput>
{
    public async Task<IReadOnlyList<StepResult<EmbedOutput>>> HandleAsync(
        IReadOnlyList<EmbedInput> inputs, CancellationToken cancellationToken) =>
        await Task.WhenAll(inputs.Select(input => EmbedAsync(input, cancellationToken)));

    private async Task<StepResult<EmbedOutput>> EmbedAsync(EmbedInput input, CancellationToken cancellationToken)
    {
        if (input.Text is not { } text)
            return StepResult<EmbedOutput>.Reject("text-missing", "The input has no member 'text'.");
        if (text.Length > options.MaxTextLength)
            return StepResult<EmbedOutput>.Reject("text-too-long", $"The text has {text.Length} characters; {options.MaxTextLength} are allowed.");
        try
        {
            var prompt = input.Prompt ?? (options.StepPrompt.Length > 0 ? options.StepPrompt : null);
            return Output(await embedder.EmbedAsync(text, new EmbedOptions(input.Dimensions, prompt), cancellationToken));
        }
        catch (OverloadedException overload)
        {
            return new StepResult<EmbedOutput>.Throttled(overload.RetryAfter);
        }
        catch (NonFiniteOutputException error)
        {
            return StepResult<EmbedOutput>.Reject("not-finite", error.Message);
        }
        catch (ArgumentException error)
        {
            return StepResult<EmbedOutput>.Reject("bad-input", error.Message);
        }
        // Whatever the runtime throws, the engine gave it to this text alone: the others of the message keep their vectors.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new StepResult<EmbedOutput>.Failed(new StepError("inference-failed", error.Message, Transient: true));
        }
    }

    private EmbedOutput Output(Embedding embedding) => new(
        VectorText.Write(embedding.Values, options.StepFormat), embedding.Values.Length, embedder.Model.Name, embedding.ModelRevision,
        embedding.Tokens, embedding.Truncated, embedding.Timings);
}
