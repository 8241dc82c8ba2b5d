using MlvcRtc.WebRtc.Ice;

namespace MlvcRtc.UnitTests.WebRtc.Ice;

/// <summary>RFC 8839 §5.1, as our own agent, browsers and attackers write it.</summary>
public sealed class CandidateLineTests
{
    [Theory]
    [InlineData("candidate:h1 1 udp 2130706175 192.0.2.7 50000 typ host ufrag abcd")]
    [InlineData("candidate:r0 1 udp 16777215 2001:db8::7 50000 typ relay raddr :: rport 0 ufrag a+/9")]
    [InlineData("candidate:s3 1 udp 1694498815 203.0.113.9 1 typ srflx raddr 10.0.0.1 rport 50000")]
    public void A_line_of_ours_is_read_as_it_was_written(string line)
    {
        Assert.Equal(CandidateLineKind.Candidate, CandidateLine.Parse(line, out IceCandidate? candidate));
        string[] related = line.Split(" raddr ");
        string expected = related.Length == 1 ? line : $"{related[0]}{(line.Contains("ufrag", StringComparison.Ordinal) ? line[line.IndexOf(" ufrag", StringComparison.Ordinal)..] : "")}";
        Assert.Equal(expected, CandidateLine.Write(candidate!));
    }

    [Theory]
    [InlineData("a=candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.1 rport 46154 generation 0 ufrag iBOy network-cost 999")]
    [InlineData("candidate:1 1 UDP 2122317823 127.0.0.1 40000 typ host\r\n")]
    public void Lines_of_other_stacks_are_read(string line) => Assert.Equal(CandidateLineKind.Candidate, CandidateLine.Parse(line, out _));

    [Fact]
    public void The_generation_is_told_by_its_fragment()
    {
        CandidateLine.Parse("candidate:1 1 udp 1 192.0.2.1 9 typ host generation 0 ufrag iBOy network-cost 999", out IceCandidate? candidate);
        Assert.Equal("iBOy", candidate!.UsernameFragment);
    }

    [Theory]
    [InlineData("", CandidateLineKind.EndOfCandidates)]
    [InlineData("candidate:1 1 udp 1 0b2f8a32-f1f5-4a2f-9f1f-1d6e8c6f2f10.local 9 typ host", CandidateLineKind.MulticastDnsName)]
    [InlineData("candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 2 udp 1 192.0.2.1 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 0.0.0.0 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 224.0.0.1 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 255.255.255.255 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 fe80::1 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 ::ffff:192.0.2.1 9 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 0 typ host", CandidateLineKind.Unsupported)]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 65536 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 4294967295 192.0.2.1 9 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 1 0x7f.1 9 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 1 2130706433 9 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 1 example.org 9 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 9 typ", CandidateLineKind.Malformed)]
    [InlineData("candidate:1 1 udp 1 192.0.2.1 9 typ best", CandidateLineKind.Malformed)]
    [InlineData("candidate:1:2 1 udp 1 192.0.2.1 9 typ host", CandidateLineKind.Malformed)]
    [InlineData("candidate", CandidateLineKind.Malformed)]
    internal void What_cannot_be_used_is_told_apart(string line, CandidateLineKind kind)
    {
        Assert.Equal(kind, CandidateLine.Parse(line, out IceCandidate? candidate));
        Assert.Null(candidate);
    }

    [Fact]
    public void A_line_without_end_is_refused() =>
        Assert.Equal(CandidateLineKind.Malformed, CandidateLine.Parse("candidate:1 1 udp 1 192.0.2.1 9 typ host" + new string(' ', 5000) + "x", out _));
}
