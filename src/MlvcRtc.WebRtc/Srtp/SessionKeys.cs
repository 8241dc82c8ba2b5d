using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>Session keys of one direction, for RTP or for RTCP (RFC 3711 §4.3, derivation rate 0, and RFC 7714 §11).</summary>
internal sealed class SessionKeys : IDisposable
{
    /// <summary>RFC 3711 §5.2: HMAC-SHA1 takes a 160-bit key.</summary>
    private const int AuthenticationBytes = 20;

    /// <summary>Keys that were derived elsewhere: test vectors.</summary>
    internal SessionKeys(byte[] encryption, byte[] authentication, byte[] salt)
    {
        Encryption = encryption;
        Authentication = authentication;
        Salt = salt;
    }

    /// <summary>16 bytes.</summary>
    public byte[] Encryption { get; }

    /// <summary>20 bytes; unused by GCM.</summary>
    public byte[] Authentication { get; }

    /// <summary>14 bytes (AES-CM) or 12 (GCM).</summary>
    public byte[] Salt { get; }

    /// <exception cref="ArgumentException">A key or salt is not of the length its profile fixes.</exception>
    public static SessionKeys Derive(SrtpProfile profile, SrtpKeys master, bool rtcp)
    {
        int saltBytes = profile.MasterSaltBytes();
        if (master.MasterKey.Length != SrtpProfileSizes.MasterKeyBytes || master.MasterSalt.Length != saltBytes)
        {
            throw new ArgumentException(
                $"{profile} takes a master key of {SrtpProfileSizes.MasterKeyBytes} bytes and a salt of {saltBytes}, not {master.MasterKey.Length} and {master.MasterSalt.Length}",
                nameof(master));
        }

        using AesCounterMode prf = new(master.MasterKey.Span);
        byte firstLabel = rtcp ? (byte)3 : (byte)0;  // RFC 3711 §4.3.1 and §4.3.2: encryption, authentication, salt
        return new SessionKeys(
            Derive(prf, master.MasterSalt.Span, firstLabel, SrtpProfileSizes.MasterKeyBytes),
            Derive(prf, master.MasterSalt.Span, (byte)(firstLabel + 1), AuthenticationBytes),
            Derive(prf, master.MasterSalt.Span, (byte)(firstLabel + 2), saltBytes));
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Encryption);
        CryptographicOperations.ZeroMemory(Authentication);
        CryptographicOperations.ZeroMemory(Salt);
    }

    /// <summary>
    /// RFC 3711 §4.3.1: key_id = label || index/rate (0, 48 bits), x = key_id XOR salt, right-aligned in the 112-bit salt, and x * 2^16 is the first counter: the label meets byte 7.
    /// A 96-bit salt stands in front, two zero bytes behind (RFC 7714 §11).
    /// </summary>
    private static byte[] Derive(AesCounterMode prf, ReadOnlySpan<byte> salt, byte label, int bytes)
    {
        Span<byte> counter = stackalloc byte[AesCounterMode.BlockBytes];
        counter.Clear();
        salt.CopyTo(counter);
        counter[7] ^= label;
        byte[] derived = new byte[bytes];
        prf.Apply(counter, derived, derived);
        return derived;
    }
}
