using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.WebRtc.Sdp;

/// <summary>The m-line of MLVC video, exactly as docs/payload-format.md §10 has it, and what an agreed one means for the pipelines.</summary>
public static class MlvcMedia
{
    public const string CodecName = "MLVC";

    /// <summary>Names the header extension that numbers packets for congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
    public const string TransportSequenceUri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    private static readonly string[] Feedback = ["nack", "nack pli", "nack rpsi", "ack rpsi", "nack app mlvc", "ccm fir", "transport-cc"];

    /// <summary>What to put into <see cref="RtcPeerOptions.Media"/>.</summary>
    /// <param name="own">What we can receive. An offer with another payload format version, without a model in common, or with parameters that make no sense is rejected.</param>
    public static MediaDescription Describe(MlvcParameters own, byte payloadType = PayloadFormat.DefaultPayloadType)
    {
        ArgumentNullException.ThrowIfNull(own);
        MediaFormat format = new(payloadType, CodecName, RtpTimestamp.ClockRateHz, 1, own.ToString(), Feedback);
        return new(MediaKind.Video, format, new Dictionary<string, byte> { [TransportSequenceUri] = TransportSequence.DefaultId })
        {
            AnswerParameters = offer => MlvcParameters.TryParse(offer, out MlvcParameters? theirs, out _) ? own.Answer(theirs)?.ToString() : null,
        };
    }

    /// <summary>Which tools both ends use (docs/payload-format.md §10, second table).</summary>
    public static RecoveryTools ToolsOf(MediaChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        IReadOnlyList<string> agreed = channel.Format.Feedback;
        return (agreed.Contains("nack app mlvc") ? RecoveryTools.References : 0)
            | (agreed.Contains("nack") ? RecoveryTools.Retransmission : 0)
            | (agreed.Contains("nack pli") || agreed.Contains("ccm fir") ? RecoveryTools.KeyFrame : 0);
    }

    /// <summary>Identifier of the transport-wide number; null = no congestion control was agreed.</summary>
    public static byte? TransportSequenceIdOf(MediaChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Format.Feedback.Contains("transport-cc") && channel.HeaderExtensions.TryGetValue(TransportSequenceUri, out byte id) ? id : null;
    }
}
