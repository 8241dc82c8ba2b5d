using System.Buffers.Binary;
using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Srtp;

/// <summary>A sender, a receiver with its keys, and packets for them.</summary>
internal sealed class SrtpSession : IDisposable
{
    public const uint Ssrc = 0xCAFEBABE;

    private readonly byte[] _buffer = new byte[70_000];

    public SrtpSession(SrtpProfile profile, int seed = 1)
    {
        Random = new Random(seed);
        Keys = RandomKeys(profile, Random);
        Profile = profile;
        Sender = new SrtpSendContext(profile, Keys);
        Receiver = new SrtpReceiveContext(profile, Keys);
    }

    public Random Random { get; }

    public SrtpKeys Keys { get; }

    public SrtpProfile Profile { get; }

    public SrtpSendContext Sender { get; }

    public SrtpReceiveContext Receiver { get; }

    public static SrtpKeys RandomKeys(SrtpProfile profile, Random random)
    {
        byte[] key = new byte[16];
        byte[] salt = new byte[profile.MasterSaltBytes()];
        random.NextBytes(key);
        random.NextBytes(salt);
        return new SrtpKeys(key, salt);
    }

    public static byte[] Rtp(ushort number, uint ssrc = Ssrc, int payload = 20)
    {
        byte[] packet = new byte[12 + payload];
        packet[0] = 0x80;
        packet[1] = 109;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        packet.AsSpan(12).Fill((byte)number);
        return packet;
    }

    public static byte[] Rtcp(byte content = 0, uint ssrc = Ssrc)
    {
        byte[] packet = [0x81, 206, 0, 2, 0, 0, 0, 0, content, 2, 3, 4];
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        return packet;
    }

    /// <summary>Protects and insists on it.</summary>
    public byte[] Send(byte[] rtp)
    {
        Assert.Equal(SrtpVerdict.Ok, Sender.ProtectRtp(rtp, _buffer, out int bytes));
        return _buffer[..bytes];
    }

    public byte[] SendRtcp(byte[] rtcp)
    {
        Assert.Equal(SrtpVerdict.Ok, Sender.ProtectRtcp(rtcp, _buffer, out int bytes));
        return _buffer[..bytes];
    }

    public SrtpVerdict Receive(byte[] srtp, out byte[] rtp)
    {
        SrtpVerdict verdict = Receiver.UnprotectRtp(srtp, _buffer, out int bytes);
        Assert.Equal(verdict == SrtpVerdict.Ok, bytes > 0);
        rtp = _buffer[..bytes];
        return verdict;
    }

    public SrtpVerdict ReceiveRtcp(byte[] srtcp, out byte[] rtcp)
    {
        SrtpVerdict verdict = Receiver.UnprotectRtcp(srtcp, _buffer, out int bytes);
        Assert.Equal(verdict == SrtpVerdict.Ok, bytes > 0);
        rtcp = _buffer[..bytes];
        return verdict;
    }

    /// <summary>A packet with any number of contributing sources, perhaps an extension and padding.</summary>
    public byte[] RandomRtp(ushort number, out int headerBytes)
    {
        int sources = Random.Next(0, 16);
        int words = Random.Next(0, 3) == 0 ? -1 : Random.Next(0, 20);
        headerBytes = 12 + (4 * sources) + (words < 0 ? 0 : 4 + (4 * words));
        byte[] packet = new byte[headerBytes + Random.Next(0, 1300)];
        Random.NextBytes(packet);
        packet[0] = (byte)(0x80 | (Random.Next(2) << 5) | (words < 0 ? 0 : 0x10) | sources);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), number);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Ssrc);
        if (words >= 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(headerBytes - (4 * words) - 2), (ushort)words);
        }

        return packet;
    }

    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}
