using System.Globalization;
using System.Text;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>Writes a description in the order of RFC 9429 §5.2.1. What <see cref="SdpParser"/> reads of it is what was written.</summary>
internal static class SdpWriter
{
    public static string Write(SdpSession session)
    {
        StringBuilder text = new(2048);
        Line(text, "v=0");
        Line(text, $"o=- {session.Id} {session.Version} IN IP4 127.0.0.1");  // the address means nothing (RFC 9429 §5.2.1) and tells nothing
        Line(text, "s=-");
        Line(text, "t=0 0");
        if (session.Bundle.Count > 0)
        {
            Line(text, $"a=group:BUNDLE {string.Join(' ', session.Bundle)}");
        }

        if (session.IceLite)
        {
            Line(text, "a=ice-lite");
        }

        foreach (SdpMedia media in session.Media)
        {
            Write(text, media);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, SdpMedia media)
    {
        string formats = media.OtherFormats.Length > 0 ? media.OtherFormats : media.Formats.Count == 0 ? "0" : string.Join(' ', media.Formats.Select(one => one.PayloadType));
        Line(text, $"m={media.Kind} {media.Port} {media.Protocol} {formats}");
        Line(text, "c=IN IP4 0.0.0.0");
        Flag(text, media.Mid.Length > 0, $"mid:{media.Mid}");
        Flag(text, media.BundleOnly, "bundle-only");
        WriteTransport(text, media);
        Flag(text, media.RtcpMux, "rtcp-mux");
        Flag(text, media.ReducedSizeRtcp, "rtcp-rsize");
        Line(text, "a=" + Word(media.Direction));
        foreach ((string uri, byte id) in media.Extensions.OrderBy(one => one.Value))
        {
            Line(text, $"a=extmap:{id} {uri}");
        }

        foreach (MediaFormat format in media.Formats)
        {
            string channels = format.Channels > 1 ? $"/{format.Channels}" : "";
            Line(text, $"a=rtpmap:{format.PayloadType} {format.Name}/{format.ClockRate}{channels}");
            Flag(text, format.Parameters.Length > 0, $"fmtp:{format.PayloadType} {format.Parameters}");
            foreach (string feedback in format.Feedback)
            {
                Line(text, $"a=rtcp-fb:{format.PayloadType} {feedback}");
            }
        }

        foreach (uint source in media.Sources)
        {
            Line(text, media.CanonicalName.Length > 0 ? $"a=ssrc:{source} cname:{media.CanonicalName}" : $"a=ssrc:{source}");
        }

        foreach (string candidate in media.Candidates)
        {
            Line(text, "a=" + candidate);
        }

        Flag(text, media.EndOfCandidates, "end-of-candidates");
    }

    private static void WriteTransport(StringBuilder text, SdpMedia media)
    {
        if (media.Ice is { } ice)
        {
            Line(text, $"a=ice-ufrag:{ice.UsernameFragment}");
            Line(text, $"a=ice-pwd:{ice.Password}");
        }

        Flag(text, media.Trickle, "ice-options:trickle");
        if (media.Fingerprint is { } fingerprint)
        {
            Line(text, $"a=fingerprint:sha-256 {fingerprint}");
        }

        if (media.Setup is { } setup)
        {
            Line(text, "a=setup:" + setup switch { SdpSetup.Active => "active", SdpSetup.Passive => "passive", _ => "actpass" });
        }
    }

    private static string Word(SdpDirection direction) => direction switch
    {
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        SdpDirection.Inactive => "inactive",
        _ => "sendrecv",
    };

    private static void Flag(StringBuilder text, bool present, string attribute)
    {
        if (present)
        {
            Line(text, "a=" + attribute);
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\r\n");
}
