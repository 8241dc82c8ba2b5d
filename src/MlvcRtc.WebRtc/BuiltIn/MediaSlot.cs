using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>What both sides agreed for one m-line.</summary>
/// <param name="Format">Ours, under the offer's payload type, with the feedback that both named.</param>
internal sealed record AgreedMedia(MediaFormat Format, string RemoteParameters, IReadOnlyDictionary<string, byte> Extensions, uint? RemoteSsrc);

/// <summary>What our side of the transport writes under every m-line.</summary>
internal sealed record LocalTransport(IceCredentials Ice, Fingerprint Fingerprint, IReadOnlyList<string> Candidates, bool EndOfCandidates, string CanonicalName);

/// <summary>One m-line; its place and its mid stay for as long as the peer lives (RFC 3264 §8).</summary>
/// <param name="Own">What we put there; null = a line of the other side that we reject.</param>
/// <param name="Theirs">The line as the other side wrote it last; null = it has not spoken.</param>
internal sealed record MediaSlot(string Mid, MediaDescription? Own, uint LocalSsrc, SdpMedia? Theirs = null, AgreedMedia? Agreed = null)
{
    /// <summary>The line of an offer of ours.</summary>
    public SdpMedia Offer(LocalTransport transport)
    {
        if (Own is null || (Theirs is not null && Agreed is null))
        {
            return Rejection();
        }

        MediaFormat format = Agreed?.Format ?? Own.Format;
        return Line(transport, SdpSetup.ActPass, format, Agreed?.Extensions ?? Own.HeaderExtensions, SdpDirection.SendRecv);  // RFC 8842 §5.5: actpass in later offers, too
    }

    /// <summary>The line of our answer.</summary>
    public SdpMedia Answer(LocalTransport transport, SdpSetup setup) => Agreed is null
        ? Rejection()
        : Line(transport, setup, Agreed.Format, Agreed.Extensions, Mirror(Theirs!.Direction));

    /// <summary>Takes a line of the other side's offer. The codec of an earlier agreement stays.</summary>
    /// <exception cref="FormatException">A later offer no longer names what was agreed.</exception>
    public MediaSlot TakeOffer(SdpMedia theirs) => Take(theirs, offered: true);

    /// <summary>Takes the line of the other side's answer.</summary>
    /// <exception cref="FormatException">It answers with what we did not offer.</exception>
    public MediaSlot TakeAnswer(SdpMedia theirs)
    {
        MediaSlot taken = Take(theirs, offered: false);
        return theirs.Rejected || Own is null || taken.Agreed is not null
            ? taken
            : throw new SdpError(theirs.Line, $"expected {Own.Format.Name}/{Own.Format.ClockRate} as payload type {Own.Format.PayloadType}, as offered, or port 0").ToException();
    }

    /// <summary>What we and a line of theirs have in common; null = nothing.</summary>
    public static AgreedMedia? Match(MediaDescription own, SdpMedia theirs, bool offered)
    {
        if (theirs.Rejected || theirs.Kind != Word(own.Kind))
        {
            return null;
        }

        foreach (MediaFormat format in theirs.Formats)
        {
            bool same = format.Name.Equals(own.Format.Name, StringComparison.OrdinalIgnoreCase)
                && format.ClockRate == own.Format.ClockRate && format.Channels == own.Format.Channels
                && (offered || format.PayloadType == own.Format.PayloadType);
            string? parameters = !same ? null : offered && own.AnswerParameters is { } answer ? answer(format.Parameters) : own.Format.Parameters;
            if (parameters is null)
            {
                continue;
            }

            MediaFormat agreed = own.Format with
            {
                PayloadType = format.PayloadType,
                Parameters = parameters,
                Feedback = [.. own.Format.Feedback.Intersect(format.Feedback)],
            };
            Dictionary<string, byte> extensions = own.HeaderExtensions.Keys.Where(theirs.Extensions.ContainsKey).ToDictionary(uri => uri, uri => theirs.Extensions[uri]);
            return new(agreed, format.Parameters, extensions, theirs.Sources.Count > 0 ? theirs.Sources[0] : null);
        }

        return null;
    }

    private MediaSlot Take(SdpMedia theirs, bool offered)
    {
        if (Own is null || theirs.Rejected)
        {
            return this with { Theirs = theirs, Agreed = null };
        }

        if (Agreed is null)
        {
            return this with { Theirs = theirs, Agreed = Match(Own, theirs, offered) };
        }

        return theirs.Formats.Any(format => format.PayloadType == Agreed.Format.PayloadType && format.Name.Equals(Agreed.Format.Name, StringComparison.OrdinalIgnoreCase))
            ? this with { Theirs = theirs }
            : throw new SdpError(theirs.Line, $"expected {Agreed.Format.Name} as payload type {Agreed.Format.PayloadType}, as agreed before; another codec needs another call").ToException();
    }

    private SdpMedia Line(LocalTransport transport, SdpSetup setup, MediaFormat format, IReadOnlyDictionary<string, byte> extensions, SdpDirection direction) => new()
    {
        Kind = Word(Own!.Kind),
        Mid = Mid,
        RtcpMux = true,
        ReducedSizeRtcp = true,
        Direction = direction,
        Ice = transport.Ice,
        Trickle = true,
        Fingerprint = transport.Fingerprint,
        Setup = setup,
        Candidates = transport.Candidates,
        EndOfCandidates = transport.EndOfCandidates,
        Formats = [format],
        Extensions = extensions,
        Sources = [LocalSsrc],
        CanonicalName = transport.CanonicalName,
    };

    /// <summary>The line with port 0 (RFC 3264 §6).</summary>
    public SdpMedia Rejection() => new()
    {
        Kind = Theirs?.Kind ?? Word(Own!.Kind),
        Port = 0,
        Protocol = Theirs?.Protocol ?? "UDP/TLS/RTP/SAVPF",
        Mid = Mid,
        Direction = SdpDirection.Inactive,
        Formats = Theirs is null ? [Own!.Format] : [.. Theirs.Formats.Take(1)],
        OtherFormats = Theirs?.OtherFormats ?? "",
    };

    private static string Word(MediaKind kind) => kind == MediaKind.Video ? "video" : "audio";

    private static SdpDirection Mirror(SdpDirection theirs) => theirs switch
    {
        SdpDirection.SendOnly => SdpDirection.RecvOnly,
        SdpDirection.RecvOnly => SdpDirection.SendOnly,
        _ => theirs,
    };
}
