using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MlvcRtc.App.Client;

/// <summary>What the program tells the page (docs/local-client.md). Written by their own fields' names in snake case.</summary>
/// <param name="Type">Tells the page what this is.</param>
internal abstract record ControlMessage([property: JsonPropertyOrder(-1)] string Type)
{
    private static readonly JsonSerializerOptions Style = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.Default,
    };

    /// <summary>UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, GetType(), Style);
}

/// <param name="Server">Named on the command line; null = the page asks.</param>
/// <param name="Room">Likewise.</param>
internal sealed record ReadyMessage(string Version, string Model, IReadOnlyList<int[]> Sizes, string? Server, string? Room) : ControlMessage("ready");

/// <param name="State">"idle", "joining", "waiting", "connecting", "connected", "reconnecting", "ended".</param>
/// <param name="Reason">Of the end: "they-hung-up", "you-hung-up", "connection-lost", "failed"; else null.</param>
/// <param name="Invitation">The address by which the other side reaches this program's server; null = it is not the server.</param>
internal sealed record StateMessage(string State, string? Reason = null, string? Invitation = null) : ControlMessage("state");

/// <param name="Code">For the page.</param>
/// <param name="Message">The cause, for people.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record ErrorReport(string Code, string Message, string Remedy) : ControlMessage("error");
