namespace MlvcRtc.Signaling.Limits;

/// <summary>What one address, or one token's subject, may use of one node.</summary>
public sealed record Allotment
{
    /// <summary>A household, an office or a carrier's shared address.</summary>
    public static Allotment OfAddress => new() { Connections = 64, Rooms = 64, JoinsPerSecond = 10, MessagesPerSecond = 200, BytesPerSecond = 512 * 1024 };

    /// <summary>One person with a few devices.</summary>
    public static Allotment OfToken => new() { Connections = 8, Rooms = 8, JoinsPerSecond = 2, MessagesPerSecond = 50, BytesPerSecond = 128 * 1024 };

    /// <summary>Sockets at once; from 1.</summary>
    public required int Connections { get; init; }

    /// <summary>Different rooms at once; from 1.</summary>
    public required int Rooms { get; init; }

    /// <summary>Attempts to join or resume; above 0. A burst of ten seconds' worth is allowed: after a node's death everybody comes at once.</summary>
    public required double JoinsPerSecond { get; init; }

    /// <summary>Messages of any kind; above 0. A burst of four seconds' worth is allowed: candidates come in bunches.</summary>
    public required double MessagesPerSecond { get; init; }

    /// <summary>Bytes of messages; from 65536, so that the largest message passes. A burst of four seconds' worth is allowed.</summary>
    public required double BytesPerSecond { get; init; }

    internal const double JoinBurstSeconds = 10;
    internal const double MessageBurstSeconds = 4;

    internal IEnumerable<string> Problems(string name)
    {
        if (Connections < 1 || Rooms < 1)
        {
            yield return $"{name}: Connections and Rooms must be 1 or more.";
        }

        if (!(JoinsPerSecond > 0) || !(MessagesPerSecond > 0))
        {
            yield return $"{name}: JoinsPerSecond and MessagesPerSecond must be above 0.";
        }

        if (!(BytesPerSecond >= Messages.MessageReader.MaxBytes))
        {
            yield return $"{name}: BytesPerSecond must be {Messages.MessageReader.MaxBytes} or more, the size of the largest message.";
        }
    }
}
