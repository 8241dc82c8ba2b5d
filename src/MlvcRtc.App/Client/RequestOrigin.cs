using Microsoft.AspNetCore.Http;

namespace MlvcRtc.App.Client;

/// <summary>
/// Whether a request comes from our own page. The Host stops names of others that were made to resolve to this machine (DNS rebinding), the Origin stops pages of others in the same browser,
/// whose requests would carry our cookie along.
/// </summary>
internal static class RequestOrigin
{
    /// <summary>The hosts by which the page may be reached.</summary>
    public static readonly string[] Hosts = ["127.0.0.1", "localhost"];

    /// <summary>Null when the request is our page's, else why it is refused.</summary>
    /// <param name="port">On which the server listens.</param>
    public static string? Refusal(HttpRequest request, int port)
    {
        string? host = Array.Find(Hosts, name => request.Host.Value == $"{name}:{port}");
        if (host is null)
        {
            return "Host is not this program's address. Open the address that the program printed.";
        }

        string?[] origins = [.. request.Headers.Origin];
        bool mustHave = !HttpMethods.IsGet(request.Method) || request.HttpContext.WebSockets.IsWebSocketRequest;
        if (origins.Length == 0 ? mustHave : origins.Length > 1 || origins[0] != $"http://{host}:{port}")
        {
            return "Origin is not this program's page.";
        }

        // A page of this machine's other port is "same-site" to the browser, which sends it our cookie (W3C Fetch Metadata tells them apart).
        string?[] sites = [.. request.Headers["Sec-Fetch-Site"]];
        return request.Path.StartsWithSegments("/api", StringComparison.Ordinal) && sites.Length > 0 && sites is not ["same-origin"]
            ? "The request comes from another site's page."
            : null;
    }
}
