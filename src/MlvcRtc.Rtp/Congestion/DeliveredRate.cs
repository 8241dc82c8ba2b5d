namespace MlvcRtc.Rtp.Congestion;

/// <summary>What reached the receiver, in kbit/s over the last half second of its clock: the incoming rate R_hat of draft-ietf-rmcat-gcc-02 §5.5. One thread at a time.</summary>
public sealed class DeliveredRate
{
    /// <summary>draft-ietf-rmcat-gcc-02 §5.5 recommends 0.5 s.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    /// <summary>Less than this says too little (libwebrtc's acknowledged-bitrate estimator: 150 ms windows).</summary>
    private static readonly TimeSpan LeastSpan = TimeSpan.FromMilliseconds(150);

    private readonly Queue<(TimeSpan At, int Bytes)> _packets = new(1024);
    private TimeSpan _newest;
    private long _bytes;

    /// <summary>Null while too little arrived.</summary>
    public double? Kbps
    {
        get
        {
            if (!_packets.TryPeek(out (TimeSpan At, int Bytes) oldest) || _newest - oldest.At < LeastSpan)
            {
                return null;
            }

            return (_bytes - oldest.Bytes) * 8 / (_newest - oldest.At).TotalMilliseconds;
        }
    }

    /// <summary>A packet arrived.</summary>
    public void Add(TimeSpan arrival, int sizeBytes)
    {
        _newest = arrival > _newest ? arrival : _newest;
        _packets.Enqueue((arrival, sizeBytes));
        _bytes += sizeBytes;
        while (_packets.TryPeek(out (TimeSpan At, int Bytes) oldest) && (_newest - oldest.At > Window || _packets.Count > SentPackets.Capacity))
        {
            _bytes -= oldest.Bytes;
            _packets.Dequeue();
        }
    }
}
