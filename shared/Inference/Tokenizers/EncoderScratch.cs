using Microsoft.Extensions.ObjectPool;

namespace Millrace.Inference.Tokenizers;

/// <summary>What one encoding thread works in; lent for one text and kept for the next.</summary>
internal sealed class EncoderScratch
{
    private const int MaxKeptIds = 1 << 16;

    public List<int> Ids { get; } = new(512);

    public WordCache Words { get; } = new();

    /// <summary>Room for one word's ids while they are found.</summary>
    public List<int> WordIds { get; } = new(64);

    internal sealed class Policy : PooledObjectPolicy<EncoderScratch>
    {
        public override EncoderScratch Create() => new();

        /// <summary>Buffers that one huge text has grown are not kept.</summary>
        public override bool Return(EncoderScratch scratch)
        {
            scratch.Ids.Clear();
            scratch.WordIds.Clear();
            return scratch.Ids.Capacity <= MaxKeptIds && scratch.WordIds.Capacity <= MaxKeptIds;
        }
    }
}
