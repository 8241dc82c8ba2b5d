using System.Diagnostics;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>Damaged descriptions through the parser: it never throws, names a line when it refuses, and what it accepts it can write and read again.</summary>
public sealed class HostileSdpTests
{
    private static readonly string[] Seeds =
    [
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\nm=video 9 UDP/TLS/RTP/SAVPF 109 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:abcd\r\n"
        + "a=ice-pwd:0123456789012345678901\r\na=ice-options:trickle\r\na=fingerprint:sha-256 5F:EB:D0:84:54:A9:2D:1A:1E:87:34:CB:56:39:E9:00:52:2D:30:0B:E3:FE:86:02:96:6E:74:E0:3A:AC:07:B0\r\n"
        + "a=setup:actpass\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=sendrecv\r\na=extmap:5 urn:x\r\na=rtpmap:109 MLVC/90000\r\na=fmtp:109 profile-id=0;model=1a2b3c4d,5e6f7081;max-fs=3600;max-ltr=8\r\n"
        + "a=rtcp-fb:109 nack pli\r\na=rtcp-fb:* transport-cc\r\na=ssrc:42 cname:x\r\na=candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host\r\na=end-of-candidates\r\n"
        + "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=bundle-only\r\n",
        "v=0\no=- 18446744073709551615 0 IN IP4 0\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\nm=video 9/2 RTP 96\na=extmap:15/sendonly urn:y\na=ssrc:4294967295\na=fingerprint:sha-1 AA\na=setup:active\na=recvonly\n",
    ];

    private static readonly string[] Awkward = ["", " ", ":", "/", "=", ";", ",", "-1", "0", "127", "128", "65535", "65536", "4294967296", "99999999999999999999", "\0", "é", "\ud800", "*", "a=", "m=", "\r\n", "\n"];

    [Fact]
    public void Damaged_descriptions_neither_crash_nor_hang_and_what_is_accepted_can_be_told_again()
    {
        PacketMutator chance = new(seed: 20260120);
        int accepted = 0, refused = 0, cases = ProofSize.Packets / 10;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < cases; i++)
        {
            string text = Mutate(Seeds[chance.Next((uint)Seeds.Length)], chance);
            if (SdpParser.TryParse(text, out SdpSession? session, out SdpError? error))
            {
                accepted++;
                string written = SdpWriter.Write(session);
                Assert.True(SdpParser.TryParse(written, out SdpSession? again, out SdpError? lost), $"{lost} in {written}");
                Assert.Equal(written, SdpWriter.Write(again));
                foreach (string parameters in session.Media.SelectMany(one => one.Formats).Select(one => one.Parameters))
                {
                    if (MlvcParameters.TryParse(parameters, out MlvcParameters? own, out _))
                    {
                        Assert.True(MlvcParameters.TryParse(own.ToString(), out _, out string? reason), $"{reason} in {own}");
                    }
                }
            }
            else
            {
                refused++;
                Assert.InRange(error.Line, 0, SdpLimits.MaxLines + 1);
                Assert.InRange(error.Reason.Length, 1, 300);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{cases} descriptions in {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s: {accepted} accepted, {refused} refused");
        Assert.True(accepted > cases / 50, $"{accepted} accepted");
        Assert.True(refused > cases / 50, $"{refused} refused");
    }

    private static string Mutate(string text, PacketMutator chance)
    {
        for (uint edits = chance.Next(4); edits > 0 && text.Length > 0; edits--)
        {
            int at = (int)chance.Next((uint)text.Length);
            int end = at + (int)chance.Next((uint)Math.Min(40, text.Length - at));
            text = chance.Next(6) switch
            {
                0 => text[..at] + (char)chance.Next(256) + text[(at + 1)..],
                1 => text[..at] + text[end..],
                2 => text[..at] + Awkward[chance.Next((uint)Awkward.Length)] + text[end..],
                3 => text[..end] + text[at..],
                4 => text.Insert(LineStart(text, at), text[LineStart(text, end)..end] + "\r\n"),
                _ => text[..LineStart(text, at)] + Awkward[chance.Next((uint)Awkward.Length)] + text[LineStart(text, at)..],
            };
        }

        return text;
    }

    private static int LineStart(string text, int at) => text.LastIndexOf('\n', Math.Max(0, at - 1)) + 1;
}
