namespace MlvcRtc.WebRtc.Sdp;

/// <summary>What a description may hold. An offer of Chromium 156 with one audio and one video line has 7 KB, 160 lines and 25 formats a line.</summary>
internal static class SdpLimits
{
    /// <summary>Characters; the signaling's own limit on a message. Stops floods of text.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Stops quadratic work: each attribute is compared with the formats of its m-line.</summary>
    public const int MaxLines = 2048;

    public const int MaxMedia = 8;

    /// <summary>Payload types have seven bits.</summary>
    public const int MaxFormats = 128;

    /// <summary>Values of <c>a=rtcp-fb</c> per format; nine are in use.</summary>
    public const int MaxFeedback = 32;

    /// <summary>One-byte header extensions have identifiers 1..14 (RFC 8285 §4.2); others are kept out, not refused.</summary>
    public const int MaxExtensions = 14;

    /// <summary>An agent pairs far fewer (RFC 8445 §6.1.2.5: 100 pairs).</summary>
    public const int MaxCandidates = 128;

    /// <summary>Streams named by <c>a=ssrc</c> per m-line.</summary>
    public const int MaxSources = 16;

    /// <summary>A candidate line with every optional part of RFC 8839 §5.1 is below 300.</summary>
    public const int MaxCandidateLength = 512;

    /// <summary>RFC 8839 §5.4: credentials are 256 characters at most; other tokens of SDP are short words.</summary>
    public const int MaxToken = 256;
}
