using System.Globalization;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>
/// Offer and answer (RFC 3264, RFC 9429 §5) without sockets: which m-lines there are and what was agreed for them. A description that is refused changes nothing. One thread at a time.
/// </summary>
/// <param name="media">What we offer.</param>
/// <param name="sessionId">sess-id of all our descriptions; random below 2^63 (RFC 9429 §5.2.1).</param>
/// <param name="ssrcs">One per entry of <paramref name="media"/>.</param>
internal sealed class Negotiation(IReadOnlyList<MediaDescription> media, ulong sessionId, IReadOnlyList<uint> ssrcs)
{
    private ulong _version;

    /// <summary>A description may name another certificate than before, and so ask for another association (RFC 8842 §4).</summary>
    public bool AllowsNewCertificate { get; init; }

    /// <summary>In the order of the m-lines, as both sides know them.</summary>
    public IReadOnlyList<MediaSlot> Slots { get; private set; } = [];

    /// <summary>Our unanswered offer; null = none.</summary>
    public IReadOnlyList<MediaSlot>? Offered { get; private set; }

    /// <summary>Both descriptions were exchanged at least once, and had a line in common.</summary>
    public bool Agreed => Remote is not null;

    /// <summary>Of the other side's newest description that had a line in common with us; null = none yet.</summary>
    public RemoteTransport? Remote { get; private set; }

    /// <summary>Our role, fixed by the first answer for as long as the association lives (RFC 8842 §5.5).</summary>
    public DtlsRole? Role { get; private set; }

    /// <summary>We made the first offer, and control ICE unless the roles conflict.</summary>
    public bool FirstOfferIsOurs { get; private set; }

    public string CreateOffer(LocalTransport transport)
    {
        Offered = Slots.Count > 0
            ? Slots
            : [.. media.Select((one, index) => new MediaSlot(index.ToString(CultureInfo.InvariantCulture), one, ssrcs[index]))];
        return Write(Offered, slot => slot.Offer(transport));
    }

    /// <summary>Takes an offer; an unanswered one of ours is withdrawn. The answer is written by <see cref="CreateAnswer"/>.</summary>
    /// <exception cref="FormatException">It cannot be used; nothing has changed.</exception>
    public void AcceptOffer(string sdp)
    {
        SdpSession offer = SdpParser.Parse(sdp);
        RefuseFewer(offer, Slots);
        List<MediaSlot> slots = [];
        for (int index = 0; index < offer.Media.Count; index++)
        {
            SdpMedia line = offer.Media[index];
            slots.Add(index < Slots.Count ? Same(Slots[index], line).TakeOffer(line) : New(line, slots));
        }

        Commit(offer, slots, ours: false);
    }

    public string CreateAnswer(LocalTransport transport) =>
        Write(Slots, slot => slot.Answer(transport, Role == DtlsRole.Client ? SdpSetup.Active : SdpSetup.Passive));

    /// <summary>The answer to an offer with which we have nothing in common: every line rejected (RFC 3264 §6).</summary>
    public string RejectAll() => Write(Slots, static slot => slot.Rejection());

    /// <summary>Takes the answer to our offer.</summary>
    /// <exception cref="FormatException">It cannot be used; nothing has changed, and the offer may be answered again.</exception>
    public void AcceptAnswer(string sdp)
    {
        SdpSession answer = SdpParser.Parse(sdp);
        IReadOnlyList<MediaSlot> offered = Offered!;
        RefuseFewer(answer, offered);
        if (answer.Media.Count > offered.Count)
        {
            throw new SdpError(answer.Media[offered.Count].Line, $"expected {offered.Count} m-lines, as offered, found {answer.Media.Count}").ToException();
        }

        MediaSlot[] slots = [.. offered.Select((slot, index) => Same(slot, answer.Media[index]).TakeAnswer(answer.Media[index]))];
        Commit(answer, slots, ours: true);
    }

    private static MediaSlot Same(MediaSlot slot, SdpMedia line) => line.Mid == slot.Mid || line.Rejected
        ? slot
        : throw new SdpError(line.Line, $"expected a=mid:{slot.Mid} with this m-line, as before, found \"{line.Mid}\"").ToException();

    private static void RefuseFewer(SdpSession description, IReadOnlyList<MediaSlot> slots)
    {
        if (description.Media.Count < slots.Count)
        {
            throw new SdpError(0, $"expected at least {slots.Count} m-lines, as before, found {description.Media.Count}").ToException();
        }
    }

    // The first of our entries that is not taken and has something in common with the line.
    private MediaSlot New(SdpMedia line, List<MediaSlot> slots)
    {
        for (int index = 0; index < media.Count; index++)
        {
            MediaDescription own = media[index];
            if (slots.TrueForAll(slot => !ReferenceEquals(slot.Own, own)) && MediaSlot.Match(own, line, offered: true) is { } agreed)
            {
                return new MediaSlot(line.Mid, own, ssrcs[index], line, agreed);
            }
        }

        return new MediaSlot(line.Mid, null, 0, line);
    }

    private void Commit(SdpSession description, IReadOnlyList<MediaSlot> slots, bool ours)
    {
        SdpMedia[] wanted = [.. slots.Where(slot => slot.Agreed is not null).Select(slot => slot.Theirs!)];
        if (wanted.Length == 0)
        {
            (Slots, Offered) = (slots, null);  // the transport, if there is one, stays
            return;
        }

        RemoteTransport remote = RemoteTransport.Of(description, wanted);
        if (!AllowsNewCertificate && Remote is { } before && !before.Fingerprint.Sha256.Span.SequenceEqual(remote.Fingerprint.Sha256.Span))
        {
            throw new SdpError(0, "expected the a=fingerprint of before, found another; a new certificate needs a new call (RFC 8842 §4)").ToException();
        }

        if (ours && remote.Setup == SdpSetup.ActPass)
        {
            throw new SdpError(0, "expected a=setup:active or passive in an answer (RFC 5763 §5), found actpass").ToException();
        }

        Role ??= remote.Setup == SdpSetup.Active ? DtlsRole.Server : DtlsRole.Client;  // RFC 5763 §5: actpass is answered by active
        FirstOfferIsOurs = Agreed ? FirstOfferIsOurs : ours;
        Remote = remote;
        Slots = slots;
        Offered = null;
    }

    private string Write(IReadOnlyList<MediaSlot> slots, Func<MediaSlot, SdpMedia> line)
    {
        SdpMedia[] lines = [.. slots.Select(line)];
        return SdpWriter.Write(new SdpSession
        {
            Id = sessionId,
            Version = ++_version,
            Bundle = [.. lines.Where(one => !one.Rejected).Select(one => one.Mid)],
            Media = lines,
        });
    }
}
