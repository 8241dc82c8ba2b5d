using System.Net;
using Microsoft.AspNetCore.Http.Features;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server;

/// <summary>
/// Requests that the web server refuses before any of our code sees them: headers that drip for longer than 5 s (slow-loris, 408), headers of more than 16 KB (431), bytes that are no HTTP (400).
/// The web server answers, closes, and logs nothing above debug level; here they get a line and a count as every other refusal has. It tells of them by this diagnostic event only.
/// </summary>
/// <param name="server">Asked for when it is needed: making it opens the room store.</param>
internal sealed class BadRequests(Func<SignalingServer> server) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>As the documentation of Kestrel names it ("Detect bad requests").</summary>
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is { Key: EventName, Value: IFeatureCollection features } && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException refusal)
        {
            server().RefusedUnheard(refusal.StatusCode, features.Get<IHttpConnectionFeature>()?.RemoteIpAddress ?? IPAddress.None);
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
