namespace MlvcRtc.WebRtc.Sdp;

/// <summary>The m-line of Opus audio (RFC 7587 §7): the clock is 48 kHz and the channels are 2 in SDP, whatever is sent.</summary>
public static class OpusMedia
{
    public const string CodecName = "opus";

    /// <summary>What browsers offer.</summary>
    public const byte DefaultPayloadType = 111;

    /// <summary>Frames of 10 ms at least, and forward error correction inside the codec is of use to us (RFC 7587 §6.1).</summary>
    public const string Parameters = "minptime=10;useinbandfec=1";

    /// <summary>What to put into <see cref="RtcPeerOptions.Media"/>.</summary>
    public static MediaDescription Describe(byte payloadType = DefaultPayloadType) =>
        new(MediaKind.Audio, new MediaFormat(payloadType, CodecName, 48_000, 2, Parameters, []), new Dictionary<string, byte>());
}
