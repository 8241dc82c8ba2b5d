using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.Signaling.Serving;

/// <summary>What stands in logs instead of addresses and room names: a keyed hash, so that lines about one of them can be found together and nobody can be found out.</summary>
internal sealed class LogNames(string? key)
{
    private readonly byte[] _key = key is null ? RandomNumberGenerator.GetBytes(32) : Encoding.UTF8.GetBytes(key);

    /// <summary>48 bits: rarely the same for two of a million.</summary>
    public string Of(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)).AsSpan(0, 6));
}
