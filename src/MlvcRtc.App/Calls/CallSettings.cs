using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Tracing;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>What the user asked of a call.</summary>
internal sealed record CallSettings
{
    /// <summary>Signaling servers, ws:// or wss://, tried in turn.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    public required string Room { get; init; }

    /// <summary>JWT; null where the server is open.</summary>
    public string? Token { get; init; }

    /// <summary>What is sent: a file, "camera" or "camera:DEVICE"; null = the demo clip.</summary>
    public string? Input { get; init; }

    /// <summary>Null = the input's own.</summary>
    public PictureSize? Size { get; init; }

    /// <summary>Most coded video, kbit/s.</summary>
    public int Kbps { get; init; } = 300;

    /// <summary>Send at <see cref="Kbps"/> whatever the network says, every picture as captured: to compare with the lab.</summary>
    public bool FixedRate { get; init; }

    /// <summary>What decoded pictures wait beyond the ideal; null = as much as the measured jitter needs.</summary>
    public TimeSpan? Playout { get; init; }

    /// <summary>From the first connection on; null = until somebody hangs up.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>Received video; null = it is decoded and not kept.</summary>
    public string? Output { get; init; }

    /// <summary>The clip that the other side sends: received pictures are compared with it.</summary>
    public string? Reference { get; init; }

    /// <summary>Ogg Opus file to send; null = no sound is sent.</summary>
    public string? Audio { get; init; }

    /// <summary>Ogg Opus file for the received sound.</summary>
    public string? AudioOutput { get; init; }

    /// <summary>What the networks run on; null = what the environment says, or the fastest that is right.</summary>
    public string? Device { get; init; }

    /// <summary>Gets what became of every frame; null = nobody asks.</summary>
    public TraceRecording? Trace { get; init; }

    public bool RelayOnly { get; init; }

    /// <summary>127.0.0.1 is a candidate too. Then RTP time is this machine's clock, and the other process can measure latency.</summary>
    public bool Loopback { get; init; }

    /// <summary>What stands between the call and each of its channels; the channel itself = nothing.</summary>
    public Func<MediaChannel, MediaChannel> Through { get; init; } = static channel => channel;

    /// <summary>How to reach the other side.</summary>
    public required IRtcPeerFactory Peers { get; init; }
}
