using System.Text;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>Connectivity checks and their answers on the wire (RFC 8445 §7.1).</summary>
internal static class CheckMessages
{
    /// <param name="username">REMOTE:LOCAL fragments.</param>
    /// <param name="key">The password of the other side.</param>
    /// <param name="priority">Of the peer-reflexive candidate that this check may reveal.</param>
    public static ReadOnlySpan<byte> Request(
        Span<byte> buffer, TransactionId transaction, string username, ReadOnlySpan<byte> key, uint priority, bool controlling, ulong tieBreaker, bool nominate)
    {
        StunWriter writer = new(buffer, StunClass.Request, StunMethod.Binding, transaction);
        writer.Add(StunAttribute.Username, username);
        writer.Add(controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled, tieBreaker);
        if (nominate)
        {
            writer.Add(StunAttribute.UseCandidate, default(ReadOnlySpan<byte>));
        }

        writer.Add(StunAttribute.Priority, priority);
        writer.AddIntegrity(key);
        writer.AddFingerprint();
        return writer.Written;
    }

    /// <param name="from">Where the request came from.</param>
    /// <param name="key">Our own password.</param>
    public static ReadOnlySpan<byte> Success(Span<byte> buffer, TransactionId transaction, TransportAddress from, ReadOnlySpan<byte> key)
    {
        StunWriter writer = new(buffer, StunClass.Success, StunMethod.Binding, transaction);
        writer.AddXorAddress(StunAttribute.XorMappedAddress, from);
        writer.AddIntegrity(key);
        writer.AddFingerprint();
        return writer.Written;
    }

    /// <param name="unknown">For 420: the attribute that is not understood.</param>
    public static ReadOnlySpan<byte> Error(Span<byte> buffer, TransactionId transaction, int code, string reason, ReadOnlySpan<byte> key, ushort? unknown = null)
    {
        StunWriter writer = new(buffer, StunClass.Error, StunMethod.Binding, transaction);
        writer.AddError(code, reason);
        if (unknown is { } type)
        {
            writer.Add(StunAttribute.UnknownAttributes, [(byte)(type >> 8), (byte)type]);
        }

        writer.AddIntegrity(key);
        writer.AddFingerprint();
        return writer.Written;
    }

    /// <summary>Whether a request is meant for us and by whom it says it is (RFC 8445 §7.3: the part before the colon must be our fragment).</summary>
    /// <param name="username">The value of USERNAME.</param>
    /// <param name="local">Our fragment.</param>
    /// <param name="remote">The fragment of the other side; null = not known yet, any will do.</param>
    public static bool IsFor(ReadOnlySpan<byte> username, string local, string? remote)
    {
        Span<byte> expected = stackalloc byte[256 + 1 + 256];  // RFC 8839 §5.4: a fragment has 256 characters at most
        int length = Encoding.ASCII.GetBytes(local, expected);
        expected[length++] = (byte)':';
        if (remote is null)
        {
            return username.StartsWith(expected[..length]);
        }

        length += Encoding.ASCII.GetBytes(remote, expected[length..]);
        return username.SequenceEqual(expected[..length]);
    }
}
