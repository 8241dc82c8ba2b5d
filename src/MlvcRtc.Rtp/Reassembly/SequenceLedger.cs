using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Counts the sequence numbers of a stream that came and those that did not. A number counts once, however often and late it comes; up to
/// 1,024 numbers back, beyond which it is passed over. A leap over more than that counts only when the number after it confirms it, so that damaged bytes cannot make losses
/// (compare RFC 3550 A.1). Read by any thread, written by one.
/// </summary>
public sealed class SequenceLedger
{
    private const int Window = 1024;

    private readonly bool[] _seen = new bool[Window];
    private readonly SequenceUnwrapper _numbers = new();
    private long _highest = -1;
    private long _leap = -1;
    private long _lost;

    /// <summary>Numbers below the highest that did not come, at present.</summary>
    public long Lost => Math.Max(0, Interlocked.Read(ref _lost));

    /// <summary>A packet with this number came.</summary>
    public void Add(ushort sequenceNumber)
    {
        long sequence = _numbers.Unwrap(sequenceNumber) + 0x10000;  // one circle above zero, so that numbers below the first stay positive
        if (_highest >= 0 && Math.Abs(sequence - _highest) >= Window)
        {
            bool confirmed = sequence == _leap + 1;
            _leap = sequence;
            if (!confirmed)
            {
                return;
            }

            Interlocked.Add(ref _lost, Math.Max(0, sequence - 1 - _highest - 1));  // the one before came
            Array.Fill(_seen, true);
            _highest = sequence;
            return;
        }

        if (_highest < 0)
        {
            Array.Fill(_seen, true);  // what came before the first is nobody's loss
            _highest = sequence;
            return;
        }

        for (; _highest < sequence; Interlocked.Increment(ref _lost))
        {
            _seen[++_highest & (Window - 1)] = false;
        }

        ref bool seen = ref _seen[sequence & (Window - 1)];
        Interlocked.Add(ref _lost, seen ? 0 : -1);
        seen = true;
    }
}
