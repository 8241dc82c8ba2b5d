using System.Buffers;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>The alphabet of ICE (RFC 8839 §5.1, ice-char) and credentials in it.</summary>
internal static class IceChars
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>48 bits: two generations of one peer never share a fragment. RFC 8445 §5.3 asks for 24.</summary>
    private const int FragmentLength = 8;

    /// <summary>144 bits; RFC 8445 §5.3 asks for 128.</summary>
    private const int PasswordLength = 24;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    /// <summary>Not empty, and nothing else in it.</summary>
    public static bool AreAll(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Allowed);

    public static IceCredentials NewCredentials() =>
        new(RandomNumberGenerator.GetString(Alphabet, FragmentLength), RandomNumberGenerator.GetString(Alphabet, PasswordLength));
}
