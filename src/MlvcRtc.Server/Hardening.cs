using Microsoft.AspNetCore.HttpOverrides;
using MlvcRtc.Server.Settings;

namespace MlvcRtc.Server;

/// <summary>What the web server allows before a message is read: small requests, few of them, soon.</summary>
internal static class Hardening
{
    public static void Apply(WebApplicationBuilder builder, ServerSettings settings)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = settings.MaxConnections + ConnectionsForProbes;
            kestrel.Limits.MaxConcurrentUpgradedConnections = settings.MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);  // slow-loris before the upgrade
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(15);      // probes and scrapes come oftener
            kestrel.Limits.MaxRequestBodySize = 0;                           // nothing here takes a body
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;           // proxies add some; the default is 32 kB
            kestrel.Limits.MaxRequestHeaderCount = 64;
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddJsonConsole(json =>
        {
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);  // its lines about requests are not ours to vouch for
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor;
            forwarded.ForwardLimit = settings.TrustedProxies.Count == 0 ? 1 : null;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (System.Net.IPNetwork network in settings.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
        });
    }

    /// <summary>Without trusted proxies the header is not even read: with empty lists the middleware would believe anybody.</summary>
    public static void Use(WebApplication app, ServerSettings settings)
    {
        if (settings.TrustedProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero });  // clients ping by messages
    }

    /// <summary>Health probes and scrapes are answered even when every place is taken.</summary>
    private const int ConnectionsForProbes = 64;
}
