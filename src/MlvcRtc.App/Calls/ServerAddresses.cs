using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Calls;

/// <summary>Signaling servers as people write them.</summary>
internal static class ServerAddresses
{
    /// <param name="text">Addresses joined by commas; http:// and https:// are taken for ws:// and wss://.</param>
    /// <exception cref="UserError">One of them is none.</exception>
    public static IReadOnlyList<Uri> Parse(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty(string.Empty).Select(One)];

    private static Uri One(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Host.Length == 0)
        {
            throw Wrong(text);
        }

        string scheme = address.Scheme switch
        {
            "ws" or "http" => "ws",
            "wss" or "https" => "wss",
            _ => throw Wrong(text),
        };
        UriBuilder built = new(address) { Scheme = scheme, Port = address.IsDefaultPort ? -1 : address.Port };
        return built.Uri;
    }

    private static UserError Wrong(string text) => new(ExitCode.BadInput, $"--server {text}: expected ws://HOST[:PORT] or wss://HOST[:PORT], for example ws://192.168.1.5:8765.");
}
