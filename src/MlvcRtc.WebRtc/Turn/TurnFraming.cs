using System.Buffers.Binary;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>
/// Cuts the byte stream of TURN over TCP or TLS into messages (RFC 8656 §12.5). Holds one message at most; longer ones, which a stranger may make the relay send, are
/// skipped without being kept.
/// </summary>
internal sealed class TurnFraming
{
    /// <summary>A datagram of Ethernet's size in an indication, twice over.</summary>
    public const int MaxMessageBytes = 4096;

    private readonly byte[] _message = new byte[MaxMessageBytes];
    private int _held;
    private int _skip;

    /// <summary>False: the bytes are not TURN, and where the next message begins cannot be known.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Messages that were too long.</summary>
    public long Skipped { get; private set; }

    /// <summary>Takes bytes off the input until a message is complete; false when they are used up first. The message is valid until the next call.</summary>
    public bool TryTake(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> message)
    {
        message = default;
        while (!input.IsEmpty && !IsBroken)
        {
            if (_skip > 0)
            {
                int skipped = int.Min(_skip, input.Length);
                _skip -= skipped;
                input = input[skipped..];
                continue;
            }

            if (_held < ChannelData.HeaderBytes)
            {
                Take(ref input, ChannelData.HeaderBytes - _held);
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_message.AsSpan(2));
            bool isChannel = _message[0] >> 6 == 1;
            int total = isChannel ? ChannelData.HeaderBytes + ((length + 3) & ~3) : StunMessage.HeaderBytes + length;
            if (_message[0] >> 6 > 1)
            {
                IsBroken = true;
            }
            else if (total > MaxMessageBytes)
            {
                Skipped++;
                _skip = total - _held;
                _held = 0;
            }
            else
            {
                Take(ref input, total - _held);
                if (_held == total)
                {
                    _held = 0;
                    message = _message.AsSpan(0, isChannel ? ChannelData.HeaderBytes + length : total);
                    return true;
                }
            }
        }

        // An empty ChannelData is complete with its head.
        return false;
    }

    private void Take(ref ReadOnlySpan<byte> input, int wanted)
    {
        int taken = int.Min(wanted, input.Length);
        input[..taken].CopyTo(_message.AsSpan(_held));
        _held += taken;
        input = input[taken..];
    }
}
