using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlvcRtc.Signaling.Messages;

/// <summary>What became of a frame that claims to be a message.</summary>
public enum ReadStatus
{
    Ok = 0,

    /// <summary>Not JSON, not an object, a needed field missing, or a value out of bounds.</summary>
    Malformed = 1,

    /// <summary>Well-formed, of a type we do not know: a newer version's.</summary>
    UnknownType = 2,
    TooLarge = 3,
}

/// <summary>Reads messages of untrusted origin: bounded in size and depth, never throws.</summary>
public static class MessageReader
{
    /// <summary>Bytes of one message. Stops memory from being filled frame by frame; the largest honest message, an offer of Chromium, has about 10 kB.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly Dictionary<string, JsonTypeInfo> Types = new(StringComparer.Ordinal)
    {
        ["join"] = SignalJson.Default.Join,
        ["joined"] = SignalJson.Default.Joined,
        ["peer-joined"] = SignalJson.Default.PeerJoined,
        ["peer-resumed"] = SignalJson.Default.PeerResumed,
        ["peer-left"] = SignalJson.Default.PeerLeft,
        ["offer"] = SignalJson.Default.Offer,
        ["answer"] = SignalJson.Default.Answer,
        ["candidate"] = SignalJson.Default.Candidate,
        ["end-of-candidates"] = SignalJson.Default.EndOfCandidates,
        ["ack"] = SignalJson.Default.Ack,
        ["ice-servers-request"] = SignalJson.Default.IceServersRequest,
        ["ice-servers"] = SignalJson.Default.IceServers,
        ["ping"] = SignalJson.Default.Ping,
        ["pong"] = SignalJson.Default.Pong,
        ["bye"] = SignalJson.Default.Bye,
        ["going-away"] = SignalJson.Default.GoingAway,
        ["error"] = SignalJson.Default.ErrorMessage,
    };

    /// <summary>Reads one message.</summary>
    /// <param name="message">Null unless the status is <see cref="ReadStatus.Ok"/>.</param>
    /// <param name="problem">What is wrong, for people; null when nothing is. Never quotes the input.</param>
    public static ReadStatus TryRead(ReadOnlySpan<byte> utf8, out SignalMessage? message, out string? problem)
    {
        message = null;
        if (utf8.Length > MaxBytes)
        {
            problem = $"A message has at most {MaxBytes} bytes.";
            return ReadStatus.TooLarge;
        }

        try
        {
            if (!TryFindType(utf8, out JsonTypeInfo? type, out problem))
            {
                return problem is null ? ReadStatus.UnknownType : ReadStatus.Malformed;
            }

            message = JsonSerializer.Deserialize(utf8, type!) as SignalMessage;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or NotSupportedException)
        {
            // InvalidOperationException: half a surrogate pair inside a string.
            problem = exception is JsonException { Path: { Length: > 0 and < 64 } path } && !path.Contains('[', StringComparison.Ordinal)
                ? $"The message is not what its type asks for, at {path}."
                : "The message is not the JSON object that its type asks for.";
            return ReadStatus.Malformed;
        }

        problem = message is null ? "The message is null." : message.Problem();
        if (problem is null)
        {
            return ReadStatus.Ok;
        }

        message = null;
        return ReadStatus.Malformed;
    }

    /// <summary>The type's reader; false with a null problem = well-formed but unknown. Reads the whole text, so that only well-formed JSON is called unknown.</summary>
    private static bool TryFindType(ReadOnlySpan<byte> utf8, out JsonTypeInfo? type, out string? problem)
    {
        type = null;
        problem = "A message is a JSON object with one string property \"type\".";
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = SignalJson.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        string? name = null;
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("type"u8))
            {
                if (name is not null || !reader.Read() || reader.TokenType != JsonTokenType.String)
                {
                    return false;
                }

                name = reader.GetString();
            }
        }

        if (name is null)
        {
            return false;
        }

        problem = null;
        return Types.TryGetValue(name, out type);
    }
}
