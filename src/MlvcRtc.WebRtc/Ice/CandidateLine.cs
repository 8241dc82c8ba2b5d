using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>What a line from the other side proved to be.</summary>
internal enum CandidateLineKind
{
    Candidate = 0,
    EndOfCandidates = 1,
    Malformed = 2,

    /// <summary>Well-formed, but another transport or component, or an address nobody can be reached at.</summary>
    Unsupported = 3,

    /// <summary>A name that browsers put in the place of an address (draft-ietf-mmusic-mdns-ice-candidates); not resolved here.</summary>
    MulticastDnsName = 4,
}

/// <summary>The text form of a candidate, RFC 8839 §5.1.</summary>
internal static class CandidateLine
{
    /// <summary>Ours have 120; this stops a line from costing more than a page of memory.</summary>
    public const int MaxLength = 1024;

    private const string Prefix = "candidate:";

    private static readonly SearchValues<char> DottedDecimal = SearchValues.Create("0123456789.");

    public static string Write(IceCandidate candidate)
    {
        StringBuilder line = new();
        line.Append(
            CultureInfo.InvariantCulture,
            $"{Prefix}{candidate.Foundation} 1 udp {candidate.Priority} {candidate.Address.Address} {candidate.Address.Port} typ {candidate.Type.Word()}");
        if (candidate.Related is { } related)
        {
            line.Append(CultureInfo.InvariantCulture, $" raddr {related.Address} rport {related.Port}");
        }

        if (candidate.UsernameFragment is { } fragment)
        {
            line.Append(CultureInfo.InvariantCulture, $" ufrag {fragment}");
        }

        return line.ToString();
    }

    /// <summary>Never throws. <paramref name="candidate"/> is null unless the result is <see cref="CandidateLineKind.Candidate"/>.</summary>
    public static CandidateLineKind Parse(string line, out IceCandidate? candidate)
    {
        candidate = null;
        ReadOnlySpan<char> text = line.AsSpan().Trim();
        if (text.IsEmpty)
        {
            return CandidateLineKind.EndOfCandidates;
        }

        if (text.Length > MaxLength)
        {
            return CandidateLineKind.Malformed;
        }

        text = text.StartsWith("a=") ? text[2..] : text;
        if (!text.StartsWith(Prefix))
        {
            return CandidateLineKind.Malformed;
        }

        text = text[Prefix.Length..];
        ReadOnlySpan<char> foundation = Word(ref text);
        ReadOnlySpan<char> component = Word(ref text);
        ReadOnlySpan<char> transport = Word(ref text);
        ReadOnlySpan<char> priorityText = Word(ref text);
        ReadOnlySpan<char> address = Word(ref text);
        ReadOnlySpan<char> portText = Word(ref text);
        ReadOnlySpan<char> typ = Word(ref text);
        ReadOnlySpan<char> type = Word(ref text);
        if (foundation.Length > 32 || !IceChars.AreAll(foundation)
            || !TryNumber(component, 256, out uint componentId) || componentId == 0
            || !TryNumber(priorityText, int.MaxValue, out uint priority) || priority == 0
            || !TryNumber(portText, ushort.MaxValue, out uint port)
            || address.IsEmpty || !typ.SequenceEqual("typ") || TypeOf(type) is not { } known)
        {
            return CandidateLineKind.Malformed;
        }

        if (componentId != 1 || !transport.Equals("udp", StringComparison.OrdinalIgnoreCase) || port == 0)
        {
            return CandidateLineKind.Unsupported;  // TCP candidates carry port 9 or 0 and a tcptype
        }

        if (address.EndsWith(".local", StringComparison.OrdinalIgnoreCase))
        {
            return CandidateLineKind.MulticastDnsName;
        }

        if (!TryAddress(address, out IPAddress? parsed))
        {
            return CandidateLineKind.Malformed;
        }

        if (!IsReachable(parsed!))
        {
            return CandidateLineKind.Unsupported;
        }

        candidate = new IceCandidate(
            foundation.ToString(), priority, TransportAddress.From(parsed!, (int)port), known, null, Extension(text, "ufrag"));
        return CandidateLineKind.Candidate;
    }

    /// <summary>Numbers in the shortest form only: the parser of .NET also takes "1", "0x7f.1" and the like for addresses.</summary>
    private static bool TryAddress(ReadOnlySpan<char> text, out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (address.AddressFamily == AddressFamily.InterNetworkV6
            ? !text.Contains('%') && !text.Contains('[')
            : text.Count('.') == 3 && !text.ContainsAnyExcept(DottedDecimal));

    private static bool IsReachable(IPAddress address) =>
        !address.IsIPv4MappedToIPv6
        && !address.IsIPv6Multicast
        && !address.IsIPv6LinkLocal  // needs a scope, which the line does not tell
        && !address.Equals(IPAddress.IPv6Any)
        && (address.AddressFamily == AddressFamily.InterNetworkV6
            || ((uint)TransportAddress.From(address, 0).Bits >> 24) is > 0 and < 224);  // neither "this network" nor multicast nor reserved

    private static CandidateType? TypeOf(ReadOnlySpan<char> word) => word switch
    {
        "host" => CandidateType.Host,
        "srflx" => CandidateType.ServerReflexive,
        "prflx" => CandidateType.PeerReflexive,
        "relay" => CandidateType.Relayed,
        _ => null,
    };

    private static string? Extension(ReadOnlySpan<char> pairs, string name)
    {
        while (!pairs.IsEmpty)
        {
            ReadOnlySpan<char> key = Word(ref pairs);
            ReadOnlySpan<char> value = Word(ref pairs);
            if (key.SequenceEqual(name) && value.Length <= 256 && IceChars.AreAll(value))
            {
                return value.ToString();
            }
        }

        return null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, uint max, out uint value) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= max;

    private static ReadOnlySpan<char> Word(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOf(' ');
        ReadOnlySpan<char> word = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return word;
    }
}
