using Microsoft.AspNetCore.Http;

namespace MlvcRtc.App.Client;

/// <summary>What every answer tells the browser: nothing from elsewhere runs here, nobody frames, sniffs or keeps it, and camera and microphone are for this page.</summary>
internal static class PageHeaders
{
    /// <param name="port">On which the server listens: older browsers do not take 'self' for WebSockets (CSP 3 §6.7.2.8 does).</param>
    public static void Set(IHeaderDictionary headers, int port)
    {
        headers.ContentSecurityPolicy =
            $"default-src 'self'; connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self' blob:; "
            + "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Embedder-Policy"] = "require-corp";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=()";
        headers.CacheControl = "no-store";
    }
}
