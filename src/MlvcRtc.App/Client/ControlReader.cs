using System.Text.Json;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.App.Client;

/// <summary>
/// Reads the page's JSON. Whatever the bytes, it ends in a request or in a sentence for people: a page of another version, or another program that holds the cookie, must not end the call.
/// </summary>
internal static class ControlReader
{
    /// <summary>Of one message, UTF-8; more is refused before it is read. A join with a token of 8 KiB has room.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int MaxName = 64, MaxAddress = 1024, MaxToken = 8192;
    private const int LeastKbps = 20, MostKbps = 20_000;  // as --kbps
    private const int MostRate = 60;
    private const int LongestShortSide = 1080;  // of the encoder
    private const double MostLoss = 50, MostDelayMs = 500, MostRateKbps = 20_000;  // what can still be called a call

    private static readonly JsonDocumentOptions Style = new() { MaxDepth = 8 };

    /// <summary>False when this is no message; <paramref name="problem"/> says why.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, out ControlRequest? request, out string? problem)
    {
        request = null;
        problem = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Style);
            request = document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : throw new FormatException("A control message is a JSON object.");
            return true;
        }
        catch (JsonException wrong)
        {
            problem = $"This is no JSON: {wrong.Message}";
        }
        catch (FormatException wrong)
        {
            problem = wrong.Message;
        }
        catch (InvalidOperationException)
        {
            problem = "A text holds half a character.";  // an escaped lone surrogate
        }

        return false;
    }

    private static ControlRequest Read(JsonElement message) => Text(message, "type", MaxName) switch
    {
        "join" => ReadJoin(message),
        "hangup" => new HangUpRequest(),
        "camera" => new CameraRequest(Truth(message, "on")),
        "microphone" => new MicrophoneRequest(Truth(message, "on")),
        "loudspeaker" => new LoudspeakerRequest(TimeSpan.FromMilliseconds(Number(message, "delay_ms", 0, MostDelayMs, otherwise: 0))),
        "lab" => new LabRequest(
            Number(message, "loss_percent", 0, MostLoss, otherwise: 0),
            Number(message, "delay_ms", 0, MostDelayMs, otherwise: 0),
            Number(message, "rate_kbps", 0, MostRateKbps, otherwise: 0)),
        _ => new UnknownRequest(),
    };

    private static JoinRequest ReadJoin(JsonElement message)
    {
        string room = Text(message, "room", RoomName.MaxLength);
        if (!RoomName.IsValid(room))
        {
            throw new FormatException($"The name of a room has 1 to {RoomName.MaxLength} characters of A-Z a-z 0-9 . _ ~ - and nothing else.");
        }

        PictureSize size = new((int)Number(message, "width", 0, ushort.MaxValue, 320), (int)Number(message, "height", 0, ushort.MaxValue, 180));
        if (size.Check() is { } complaint)
        {
            throw new FormatException(complaint);
        }

        if (Math.Min(size.Width, size.Height) > LongestShortSide)
        {
            throw new FormatException($"{size} is more than 1920x1080, the most that is coded.");
        }

        string token = Text(message, "token", MaxToken, otherwise: string.Empty);
        return new(
            Text(message, "name", MaxName, otherwise: string.Empty),
            Text(message, "server", MaxAddress),
            room,
            token.Length == 0 ? null : token,
            size,
            (int)Number(message, "fps", 1, MostRate, 30),
            (int)Number(message, "kbps", LeastKbps, MostKbps, 300),
            IsPage(message, "video"),
            IsPage(message, "audio"));
    }

    private static bool IsPage(JsonElement message, string field) => Text(message, field, MaxName, otherwise: "page") switch
    {
        "page" => true,
        "none" => false,
        _ => throw new FormatException($"'{field}' is \"page\" or \"none\"."),
    };

    private static string Text(JsonElement message, string field, int most, string? otherwise = null)
    {
        if (!message.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return otherwise ?? throw new FormatException($"'{field}' is missing.");
        }

        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= most
            ? text
            : throw new FormatException($"'{field}' is a text of at most {most} characters.");
    }

    private static bool Truth(JsonElement message, string field) => message.TryGetProperty(field, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? value.ValueKind == JsonValueKind.True
        : throw new FormatException($"'{field}' is true or false.");

    private static double Number(JsonElement message, string field, double least, double most, double otherwise)
    {
        if (!message.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return otherwise;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= least && number <= most
            ? number
            : throw new FormatException(FormattableString.Invariant($"'{field}' is a number, {least} .. {most}."));
    }
}
