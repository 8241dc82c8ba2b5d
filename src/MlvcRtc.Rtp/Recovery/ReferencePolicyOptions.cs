namespace MlvcRtc.Rtp.Recovery;

/// <summary>When frames are predicted only from what the receiver has confirmed.</summary>
public enum AcknowledgedReferenceUse
{
    /// <summary>While the link loses packets or is silent (<see cref="LossyLinkMode"/>): what a call uses.</summary>
    Measured = 0,

    /// <summary>Never, for experiments.</summary>
    Never = 1,

    /// <summary>From the first acknowledgement on, for experiments.</summary>
    Always = 2,
}

/// <summary>What a <see cref="ReferencePolicy"/> starts from.</summary>
public sealed record ReferencePolicyOptions
{
    /// <summary>Slots that the codec keeps: the bound of the payload descriptor's SLOT.</summary>
    public const int MaxSlots = 8;

    /// <summary>One frame at the nominal rate; above zero.</summary>
    public required TimeSpan FrameInterval { get; init; }

    public RecoveryTools Tools { get; init; } = RecoveryTools.All;

    /// <summary>Long-term references kept on both sides, 4..8.</summary>
    public int Slots { get; init; } = MaxSlots;

    /// <summary>
    /// Marks fall on multiples of so many frames after a key frame, 1..64, where the codec makes its best frames; 1 = any. mlvc-xs v0.200 gives even frames
    /// more quality. Every frame predicted from the newest even one at least 3 frames back took 3 to 14 points less than from exactly 3 frames back, and from the
    /// newest odd one at least 4 back it took 50 points more than from the even one (640x360, 200 to 320 kbit/s, rate at equal PSNR).
    /// </summary>
    public int MarkAlignment { get; init; } = 2;

    /// <summary>Frames after which the chain of predictions is renewed from a root, with or without losses: 0 (never), or 8..1024.</summary>
    public int RenewalPeriod { get; init; } = ChainRenewal.DefaultPeriod;

    /// <summary>
    /// Frames after which a quiet link gets a key frame that nobody asked for; 0 = never, else 60 or more. Renewals slow the drift of a recurrent codec, only the zero state ends it: on 30 s of
    /// 360x288 at 24 frames/s, 300 kbit/s and 5 % loss mlvc-xs v0.200 made 0.8 dB more with one every 120 frames, 1.0 with one every 240 in acknowledged-reference mode; the default is rarer still, ten seconds at 30 frames/s, since a burst that meets one costs a freeze. Only where a lost packet of it can be sent again. It empties all slots, so a
    /// blackout that begins within a round trip of it needs another one.
    /// </summary>
    public int RefreshPeriod { get; init; } = 300;

    /// <summary>
    /// Of two ordinary frames the second is discardable: nothing is predicted from it, so that its loss costs one frame and needs no repair. Costs nothing: mlvc-xs v0.200 makes every second
    /// frame a better reference than its neighbour (0.2 to 0.4 dB gained on 20 s of 360x288 at 300 kbit/s). Only with <see cref="RecoveryTools.References"/>.
    /// </summary>
    public bool TwoLayers { get; init; } = true;

    /// <summary>Between two key frames at least; issue 3 sets 500 ms. 0 = no limit.</summary>
    public TimeSpan MinKeyFrameInterval { get; init; } = KeyFrameLimit.DefaultMinInterval;

    public AcknowledgedReferenceUse AcknowledgedReferences { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(FrameInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(Slots, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Slots, MaxSlots);
        ArgumentOutOfRangeException.ThrowIfLessThan(MarkAlignment, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MarkAlignment, 64);
        if (RenewalPeriod != 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(RenewalPeriod, ChainRenewal.Alignment);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(RenewalPeriod, 1024);
        }

        if (RefreshPeriod != 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(RefreshPeriod, 60);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(MinKeyFrameInterval, TimeSpan.Zero);
    }
}
