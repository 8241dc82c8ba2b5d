using System.Text.Encodings.Web;
using System.Text.Json;

namespace MlvcRtc.Signaling.Messages;

/// <summary>Writes messages as UTF-8 JSON, "type" first.</summary>
public static class MessageWriter
{
    /// <summary>Our JSON is never put into HTML, so "+" of base64 need not become six bytes.</summary>
    private static readonly SignalJson Relaxed = new(new JsonSerializerOptions(SignalJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(SignalMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, Relaxed.SignalMessage);
}
