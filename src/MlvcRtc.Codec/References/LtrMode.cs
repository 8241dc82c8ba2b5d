namespace MlvcRtc.Codec.References;

/// <summary>Who decides which frames are kept as long-term references.</summary>
public enum LtrMode
{
    /// <summary>The GOP structure marks periodically and renews the prediction chain by itself: files.</summary>
    Internal = 0,

    /// <summary>The caller marks and recovers by request: calls, whose sender learns what the receiver holds.</summary>
    External = 1,
}
