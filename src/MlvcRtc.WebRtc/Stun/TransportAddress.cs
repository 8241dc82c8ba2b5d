using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>IP address and UDP port as a value: compared and read from a packet without garbage, unlike <see cref="IPEndPoint"/>.</summary>
/// <param name="Bits">IPv4 in the low 32 bits, or all 128 of IPv6.</param>
internal readonly record struct TransportAddress(UInt128 Bits, ushort Port, bool IsV6)
{
    public AddressFamily Family => IsV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    public IPAddress Address
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
            return new IPAddress(IsV6 ? bytes : bytes[12..]);
        }
    }

    public static TransportAddress From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        bool v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        address.TryWriteBytes(v6 ? bytes : bytes[12..], out _);
        return new TransportAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes), (ushort)port, v6);
    }

    public static TransportAddress From(IPEndPoint endPoint) => From(endPoint.Address, endPoint.Port);

    /// <summary>From what a socket wrote: sockaddr_in and sockaddr_in6 have port and address in the same places on every system that .NET runs on.</summary>
    public static TransportAddress From(SocketAddress address)
    {
        ReadOnlySpan<byte> bytes = address.Buffer.Span;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return address.Family == AddressFamily.InterNetworkV6
            ? new TransportAddress(BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), port, true)
            : new TransportAddress(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port, false);
    }

    public TransportAddress WithPort(ushort port) => this with { Port = port };

    public IPEndPoint ToEndPoint() => new(Address, Port);

    public override string ToString() => ToEndPoint().ToString();
}
