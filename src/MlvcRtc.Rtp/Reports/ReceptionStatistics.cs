namespace MlvcRtc.Rtp.Reports;

/// <summary>
/// What a report says of one received stream: RFC 3550 A.1 (extended sequence numbers, without the probation of new sources: SRTP has authenticated them), A.3 (losses) and A.8 (jitter).
/// Time comes in. Whatever the numbers and times of the packets are, nothing overflows. One thread at a time.
/// </summary>
/// <param name="clockRateHz">Of the stream's RTP time.</param>
public sealed class ReceptionStatistics(int clockRateHz)
{
    private const int MaxDropout = 3000;  // A.1
    private const int MaxMisorder = 100;  // A.1
    private const uint Circle = 1 << 16;

    private uint? _restartAt;  // bad_seq of A.1: the number that confirms a leap
    private bool _begun;
    private ushort _highest;
    private long _cycles;
    private long _first;
    private long _received;
    private long _expectedBefore;
    private long _receivedBefore;
    private uint _newestTime;
    private uint _transit;
    private long _jitter;  // times 16, so that rounding does not add up (A.8)

    /// <summary>RTP packets came since the last <see cref="Take"/>.</summary>
    public bool HasNews => _received != _receivedBefore;

    /// <summary>A packet came.</summary>
    public void Add(ushort number, uint timestamp, TimeSpan arrival)
    {
        if (!_begun)
        {
            Begin(number);
        }
        else if (!Follows(number))
        {
            return;
        }

        uint transit = unchecked((uint)(long)(arrival.TotalSeconds * clockRateHz) - timestamp);
        if (_received++ == 0)
        {
            (_newestTime, _transit) = (timestamp, transit);
            return;
        }

        // A retransmission has a new number and the old time: it is late because it was lost, not because the network is uneven.
        int age = unchecked((int)(_newestTime - timestamp));
        if (age > 0 && age < clockRateHz)
        {
            return;
        }

        long difference = Math.Abs((long)unchecked((int)(transit - _transit)));
        _jitter += difference - ((_jitter + 8) >> 4);
        (_newestTime, _transit) = (timestamp, transit);
    }

    /// <summary>The report of this moment; the fraction lost counts from the one before.</summary>
    /// <param name="lastSenderReport">As in <see cref="ReportBlock"/>.</param>
    /// <param name="delay">As in <see cref="ReportBlock"/>.</param>
    public ReportBlock Take(uint ssrc, uint lastSenderReport, uint delay)
    {
        long highest = _cycles + _highest;
        long expected = _begun ? highest - _first + 1 : 0;
        long expectedNow = expected - _expectedBefore;
        long lostNow = expectedNow - (_received - _receivedBefore);
        byte fraction = expectedNow <= 0 || lostNow <= 0 ? (byte)0 : (byte)Math.Min((lostNow << 8) / expectedNow, byte.MaxValue);
        (_expectedBefore, _receivedBefore) = (expected, _received);
        int lost = (int)Math.Clamp(expected - _received, -ReportBlock.MostLost - 1, ReportBlock.MostLost);
        return new(ssrc, fraction, lost, unchecked((uint)highest), (uint)(_jitter >> 4), lastSenderReport, delay);
    }

    private void Begin(ushort number)
    {
        _begun = true;
        _highest = number;
        _first = number;
        _cycles = 0;
        (_received, _receivedBefore, _expectedBefore) = (0, 0, 0);
        _restartAt = null;
    }

    /// <summary>False: a leap that the next packet has to confirm.</summary>
    private bool Follows(ushort number)
    {
        ushort ahead = unchecked((ushort)(number - _highest));
        if (ahead < MaxDropout)
        {
            _cycles += number < _highest ? Circle : 0;
            _highest = number;
        }
        else if (ahead <= Circle - MaxMisorder)
        {
            if (number != _restartAt)
            {
                _restartAt = unchecked((ushort)(number + 1));
                return false;
            }

            Begin(number);  // the other side began anew
        }

        return true;
    }
}
