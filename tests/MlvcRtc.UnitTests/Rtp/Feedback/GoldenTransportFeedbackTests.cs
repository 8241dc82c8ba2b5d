using System.Globalization;
using System.Text.Json;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Feedback;

/// <summary>The transport-cc messages of tests/vectors/feedback.json: read == fields, write == hex, mutants are refused.</summary>
public sealed class GoldenTransportFeedbackTests
{
    public static TheoryData<string> Messages => [.. Vectors().Where(v => v.GetProperty("fields").ValueKind == JsonValueKind.Object).Select(Name)];

    public static TheoryData<string> Mutants => [.. Vectors().Where(v => v.GetProperty("fields").ValueKind == JsonValueKind.Null).Select(Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_read_as_its_fields_say_and_written_as_its_bytes(string name)
    {
        JsonElement vector = Vectors().Single(v => Name(v) == name);
        string hex = vector.GetProperty("hex").GetString()!;
        JsonElement fields = vector.GetProperty("fields");
        uint sender = Ssrc(fields, "sender_ssrc");
        uint media = Ssrc(fields, "media_ssrc");
        RtcpReader reader = new(Convert.FromHexString(hex));
        Assert.True(reader.TryNext(out RtcpPacket packet));
        Assert.True(TransportFeedback.TryRead(packet, out TransportFeedback feedback));
        Assert.Equal((sender, media), (feedback.SenderSsrc, feedback.MediaSsrc));
        Assert.Equal(fields.GetProperty("base").GetUInt16(), feedback.BaseNumber);
        Assert.Equal(fields.GetProperty("count").GetByte(), feedback.Count);
        Assert.Equal(fields.GetProperty("reference_time").GetUInt32(), feedback.ReferenceTime);
        TimeSpan reference = fields.GetProperty("reference_time").GetInt32() * TimeSpan.FromMilliseconds(64);
        List<TimeSpan> expected = [];
        ArrivalReader arrivals = feedback.ReadArrivals();
        foreach (JsonElement one in fields.GetProperty("arrivals_us").EnumerateArray())
        {
            Assert.True(arrivals.TryNext(out ushort number, out bool arrived, out TimeSpan since));
            Assert.Equal((ushort)(feedback.BaseNumber + expected.Count), number);
            Assert.Equal(one.ValueKind != JsonValueKind.Null, arrived);
            if (arrived)
            {
                Assert.Equal(TimeSpan.FromMicroseconds(one.GetInt32()), since);
            }

            expected.Add(arrived ? reference + since : TransportFeedbackWriter.NotArrived);
        }

        Assert.False(arrivals.TryNext(out _, out _, out _));
        byte[] bytes = new byte[TransportFeedbackWriter.MaxBytes];
        int written = TransportFeedbackWriter.Write(bytes, sender, media, feedback.BaseNumber, feedback.Count, expected.ToArray(), out int reported);
        Assert.Equal(expected.Count, reported);
        Assert.Equal(hex, Convert.ToHexString(bytes.AsSpan(0, written)));
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_is_refused(string name)
    {
        RtcpReader reader = new(Convert.FromHexString(Vectors().Single(v => Name(v) == name).GetProperty("hex").GetString()!));
        while (reader.TryNext(out RtcpPacket packet))
        {
            Assert.False(TransportFeedback.TryRead(packet, out _));
        }
    }

    private static uint Ssrc(JsonElement fields, string name) => uint.Parse(fields.GetProperty(name).GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Name(JsonElement vector) => vector.GetProperty("name").GetString()!;

    private static JsonElement[] Vectors()
    {
        string json = File.ReadAllText(Path.Combine(Repository.Root, "tests", "vectors", "feedback.json"));
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("vectors").EnumerateArray().Where(vector => vector.GetProperty("message").GetString() == "TRANSPORT-CC")];
    }
}
