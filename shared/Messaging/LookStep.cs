namespace Millrace.Messaging;

/// <summary>What becomes of a message that is looked at, and of the look.</summary>
public enum LookStep
{
    /// <summary>It goes back to its queue when the look ends, and the next one is looked at.</summary>
    Next,

    /// <summary>It goes back, and the look ends.</summary>
    Stop,

    /// <summary>It is taken out of the queue for good, and the look ends.</summary>
    Take,
}
