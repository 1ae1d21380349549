using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>Effects as bytes: what to do, never the data, which is in the request's own rows.</summary>
internal static class EffectCodec
{
    private enum Kind : byte
    {
        DispatchStep = 1,
        AcquirePermit = 2,
        StartChildren = 3,
        CancelChildren = 4,
        GatherChildren = 5,
        FinishRequest = 6,
        NotifyParent = 7,
        CancelDispatch = 8,
    }

    public static ReadOnlyMemory<byte> Write(ImmutableArray<Effect> effects)
    {
        if (effects.IsEmpty)
            return default;
        var writer = PackedWriter.Begin();
        foreach (var effect in effects)
            Write(writer, effect);
        return writer.End();
    }

    public static IReadOnlyList<Effect> Read(ReadOnlyMemory<byte> bytes)
    {
        var effects = new List<Effect>();
        var reader = new PackedReader(bytes.Span);
        while (!reader.IsAtEnd)
            effects.Add(Read(ref reader));
        return effects;
    }

    public static void WritePlace(PackedWriter writer, ParentPlace place)
    {
        writer.Id(place.RequestId);
        WriteNumbers(writer, place.Step, place.Attempt, place.Index);
    }

    public static ParentPlace ReadPlace(ref PackedReader reader) => new(reader.Id(), reader.Int(), reader.Int(), reader.Int());

    private static void Write(PackedWriter writer, Effect effect)
    {
        switch (effect)
        {
            case Effect.DispatchStep dispatch:
                writer.Byte((byte)Kind.DispatchStep);
                WriteNumbers(writer, dispatch.Step, dispatch.Attempt);
                break;
            case Effect.AcquirePermit permit:
                writer.Byte((byte)Kind.AcquirePermit);
                WriteNumbers(writer, permit.Step);
                break;
            case Effect.CancelDispatch cancel:
                writer.Byte((byte)Kind.CancelDispatch);
                WriteNumbers(writer, cancel.Step, cancel.Attempt);
                break;
            case Effect.StartChildren start:
                writer.Byte((byte)Kind.StartChildren);
                WriteNumbers(writer, start.Step, start.Attempt, start.FromIndex, start.Count);
                break;
            case Effect.CancelChildren cancel:
                writer.Byte((byte)Kind.CancelChildren);
                WriteNumbers(writer, cancel.Step, cancel.Attempt, cancel.Count);
                break;
            case Effect.GatherChildren gather:
                writer.Byte((byte)Kind.GatherChildren);
                WriteNumbers(writer, gather.Step, gather.Attempt);
                break;
            case Effect.FinishRequest:
                writer.Byte((byte)Kind.FinishRequest);
                break;
            case Effect.NotifyParent notify:
                writer.Byte((byte)Kind.NotifyParent);
                WritePlace(writer, notify.Place);
                writer.Byte(notify.Failed ? (byte)1 : (byte)0);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(effect), effect, "No way to write this effect.");
        }
    }

    private static Effect Read(ref PackedReader reader) => (Kind)reader.Byte() switch
    {
        Kind.DispatchStep => new Effect.DispatchStep(reader.Int(), reader.Int()),
        Kind.AcquirePermit => new Effect.AcquirePermit(reader.Int()),
        Kind.StartChildren => new Effect.StartChildren(reader.Int(), reader.Int(), reader.Int(), reader.Int()),
        Kind.CancelChildren => new Effect.CancelChildren(reader.Int(), reader.Int(), reader.Int()),
        Kind.GatherChildren => new Effect.GatherChildren(reader.Int(), reader.Int()),
        Kind.FinishRequest => new Effect.FinishRequest(),
        Kind.NotifyParent => new Effect.NotifyParent(ReadPlace(ref reader), reader.Byte() != 0),
        Kind.CancelDispatch => new Effect.CancelDispatch(reader.Int(), reader.Int()),
        var kind => throw new InvalidDataException($"Effect {kind} is not known to this build."),
    };

    private static void WriteNumbers(PackedWriter writer, params ReadOnlySpan<int> numbers)
    {
        foreach (var number in numbers)
            writer.Number(number);
    }
}
