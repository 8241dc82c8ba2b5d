namespace MlvcRtc.WebRtc.Srtp;

/// <summary>What became of one packet. Append-only.</summary>
public enum SrtpVerdict
{
    Ok = 0,

    /// <summary>Not RTP or RTCP of version 2, shorter than its own header says, longer than the room for it, or SRTCP without encryption (E bit 0), which nobody we talk to may send.</summary>
    Malformed = 1,

    /// <summary>The authentication tag is wrong: damaged, made by someone without the keys, or of another profile.</summary>
    Forged = 2,

    /// <summary>This index was seen before (receiving), or used before (sending: a second packet under one index would share its keystream, and with GCM give the authentication key away).</summary>
    Replayed = 3,

    /// <summary>Further behind the newest packet than <see cref="ReplayWindow.Packets"/>: whether it is a replay cannot be told.</summary>
    TooOld = 4,

    /// <summary>A source beyond <see cref="SrtpStreams{T}.Max"/>.</summary>
    TooManyStreams = 5,

    /// <summary>The index space of this source is used up (RFC 3711 §9.2: 2^48 packets, 2^31 of RTCP); only a new handshake gives new keys.</summary>
    Exhausted = 6,
}
