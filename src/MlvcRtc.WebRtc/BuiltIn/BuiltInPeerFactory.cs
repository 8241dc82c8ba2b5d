using System.Security.Cryptography;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Dtls.BouncyCastle;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>Makes built-in peers: <c>new BuiltInPeerFactory(TimeProvider.System).Create(new RtcPeerOptions { Media = [MlvcMedia.Describe(...), OpusMedia.Describe()] })</c>.</summary>
/// <param name="time">The clock of ICE, DTLS and the arrivals of packets.</param>
public sealed class BuiltInPeerFactory(TimeProvider time) : IRtcPeerFactory
{
    internal const string ImplementationName = "built-in";

    /// <summary>RFC 7022 §4.2: 96 random bits, so that two CNAMEs are never the same.</summary>
    private const int CanonicalNameBytes = 12;

    public string Name => ImplementationName;

    public IRtcPeer Create(RtcPeerOptions options)
    {
        Check(options);
        Random random = new(RandomNumberGenerator.GetInt32(int.MaxValue));
        IceAgent ice = new(options, time, random);
        DtlsCertificate certificate = DtlsCertificate.Create(time);
        BouncyCastleDtlsEndpoint dtls = new(certificate, time);
        return new BuiltInPeer(NewNegotiation(options.Media), ice, dtls, certificate.Fingerprint, certificate, Convert.ToBase64String(RandomNumberGenerator.GetBytes(CanonicalNameBytes)));
    }

    internal static Negotiation NewNegotiation(IReadOnlyList<MediaDescription> media, bool allowsNewCertificate = false)
    {
        ulong sessionId = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) >> 1;  // RFC 9429 §5.2.1: below 2^63
        HashSet<uint> ssrcs = [];
        while (ssrcs.Count < media.Count)
        {
            ssrcs.Add(BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))));
        }

        return new Negotiation(media, sessionId, [.. ssrcs]) { AllowsNewCertificate = allowsNewCertificate };
    }

    /// <exception cref="ArgumentException">Names the option.</exception>
    internal static void Check(RtcPeerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Refuse(options.Media.Count is < 1 or > SdpLimits.MaxMedia, $"Media: name 1 to {SdpLimits.MaxMedia} lines, not {options.Media.Count}.");
        byte[] types = [.. options.Media.Select(one => one.Format.PayloadType)];
        Refuse(types.Any(type => type is < 96 or > 127), $"Media: payload types are 96 to 127, not {string.Join(", ", types)}.");
        Refuse(types.Distinct().Count() != types.Length, $"Media: each line needs a payload type of its own, since all share one transport (RFC 9143 §9.2): {string.Join(", ", types)}.");
        (string Uri, byte Id)[] extensions = [.. options.Media.SelectMany(one => one.HeaderExtensions).Select(one => (one.Key, one.Value)).Distinct()];
        Refuse(extensions.Any(one => one.Id is < 1 or > SdpLimits.MaxExtensions), "Media: identifiers of header extensions are 1 to 14 (RFC 8285 §4.2).");
        Refuse(
            extensions.DistinctBy(one => one.Id).Count() != extensions.Length || extensions.DistinctBy(one => one.Uri).Count() != extensions.Length,
            "Media: one identifier per header extension on all lines, since they share one transport (RFC 9143 §14).");
        Refuse(
            options.RelayOnly && !options.IceServers.Any(static server => server.Url.StartsWith("turn", StringComparison.OrdinalIgnoreCase)),
            "RelayOnly: name a TURN server in IceServers, or no candidate can be told.");
    }

    internal static void Refuse(bool wrong, string message)
    {
        if (wrong)
        {
            throw new ArgumentException(message);
        }
    }
}
