using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.UnitTests.WebRtc.Sdp;

public sealed class SdpRoundTripTests
{
    [Fact]
    public void What_was_written_is_read_again_field_by_field()
    {
        Random random = new(11);
        for (int i = 0; i < 500; i++)
        {
            SdpSession written = Any(random);
            SdpSession read = SdpParser.Parse(SdpWriter.Write(written));
            Assert.Equivalent(written with { Media = [] }, read with { Media = [] }, strict: true);
            Assert.Equal(written.Media.Count, read.Media.Count);
            foreach ((SdpMedia one, SdpMedia other) in written.Media.Zip(read.Media))
            {
                Assert.Equivalent(one with { Fingerprint = null }, other with { Fingerprint = null, Line = 0 }, strict: true);
                Assert.Equal(one.Fingerprint!.Sha256.ToArray(), other.Fingerprint!.Sha256.ToArray());
            }
        }
    }

    [Fact]
    public void Every_line_ends_with_CR_LF()
    {
        string text = SdpWriter.Write(Any(new Random(1)));
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text.Replace("\r\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void The_video_line_of_an_offer_is_the_one_of_the_payload_format()
    {
        MediaDescription media = MlvcMedia.Describe(new MlvcParameters { Models = [0x1a2b3c4d, 0x5e6f7081] });
        SdpMedia line = new() { Kind = "video", RtcpMux = true, ReducedSizeRtcp = true, Formats = [media.Format], Extensions = media.HeaderExtensions };
        string[] written = SdpWriter.Write(new SdpSession { Id = 1, Version = 1, Media = [line] }).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] documented = File.ReadAllText(Path.Combine(Repository.Root, "docs", "payload-format.md")).Split("An offer:\n\n```\n")[1].Split("\n```")[0].Split('\n');
        Assert.Equal(14, documented.Length);
        Assert.Equal(documented.Order(), written[4..].Where(text => text != "c=IN IP4 0.0.0.0").Order());
    }

    private static SdpSession Any(Random random)
    {
        SdpMedia[] media = [.. Enumerable.Range(0, random.Next(1, 9)).Select(index => AnyMedia(random, index))];
        return new()
        {
            Id = (ulong)random.NextInt64(),
            Version = (ulong)random.Next(),
            IceLite = random.Next(4) == 0,
            Bundle = [.. media.Select(one => one.Mid)],
            Media = media,
        };
    }

    private static SdpMedia AnyMedia(Random random, int index)
    {
        byte[] hash = new byte[32];
        random.NextBytes(hash);
        int firstType = random.Next(96, 110);
        return new()
        {
            Kind = random.Next(2) == 0 ? "audio" : "video",
            Port = random.Next(2) * 9,
            Mid = $"m{index}",
            BundleOnly = random.Next(2) == 0,
            RtcpMux = random.Next(2) == 0,
            ReducedSizeRtcp = random.Next(2) == 0,
            Direction = (SdpDirection)random.Next(4),
            Ice = new IceCredentials(Text(random, 4, 30), Text(random, 22, 60)),
            Trickle = random.Next(2) == 0,
            Fingerprint = new Fingerprint(hash),
            Setup = (SdpSetup)random.Next(3),
            Candidates = [.. Enumerable.Range(0, random.Next(3)).Select(i => $"candidate:{i} 1 udp {random.Next()} 192.0.2.{i} {random.Next(65536)} typ host")],
            EndOfCandidates = random.Next(2) == 0,
            Formats =
            [
                .. Enumerable.Range(0, random.Next(1, 5)).Select(i => new MediaFormat(
                    (byte)(firstType + i), "X-" + Text(random, 1, 8).Replace('+', 'p').Replace('/', 's'), random.Next(1, 1_000_000), random.Next(1, 3), random.Next(2) == 0 ? "" : $"a={i};b", random.Next(2) == 0 ? [] : ["nack", "nack pli", $"x {i}"])),
            ],
            Extensions = Enumerable.Range(0, random.Next(4)).ToDictionary(i => $"urn:x:{i}", i => (byte)(i + 1)),
            Sources = [.. Enumerable.Range(0, random.Next(1, 4)).Select(i => (uint)random.Next() + (uint)i)],
            CanonicalName = Text(random, 1, 16),
        };
    }

    private static string Text(Random random, int least, int most) =>
        new(random.GetItems<char>("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", random.Next(least, most)));
}
