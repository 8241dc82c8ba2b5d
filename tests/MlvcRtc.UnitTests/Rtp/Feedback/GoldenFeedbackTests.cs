using System.Globalization;
using System.Text.Json;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Feedback;

/// <summary>The bytes of tests/vectors/feedback.json, which every implementation shares: read == fields, write == hex, mutants are refused.</summary>
public sealed class GoldenFeedbackTests
{
    public static TheoryData<string> Messages => [.. Vectors().Where(v => v.GetProperty("fields").ValueKind == JsonValueKind.Object).Select(Name)];

    public static TheoryData<string> Mutants => [.. Vectors().Where(v => v.GetProperty("fields").ValueKind == JsonValueKind.Null).Select(Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_is_read_as_its_fields_say_and_written_as_its_bytes(string name)
    {
        JsonElement vector = Vectors().Single(v => Name(v) == name);
        string hex = vector.GetProperty("hex").GetString()!;
        string canonical = vector.TryGetProperty("canonical", out JsonElement other) ? other.GetString()! : hex;
        JsonElement fields = vector.GetProperty("fields");

        RtcpReader reader = new(Convert.FromHexString(hex));
        Assert.True(reader.TryNext(out RtcpPacket packet));
        byte[] bytes = new byte[1200];
        int written = Check(vector.GetProperty("message").GetString()!, packet, fields, bytes);
        Assert.Equal(canonical, Convert.ToHexString(bytes.AsSpan(0, written)));
        Assert.False(reader.TryNext(out _));
        Assert.False(reader.Malformed);
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_is_refused(string name)
    {
        JsonElement vector = Vectors().Single(v => Name(v) == name);
        RtcpReader reader = new(Convert.FromHexString(vector.GetProperty("hex").GetString()!));
        while (reader.TryNext(out RtcpPacket packet))
        {
            bool read = vector.GetProperty("message").GetString() switch
            {
                "MLVC" => ReferenceFeedback.TryRead(packet, out _),
                "PLI" => PictureLossIndication.TryRead(packet, out _),
                "FIR" => FullIntraRequest.TryRead(packet, 0x55667788, out _),
                "RPSI" => ReferencePictureSelection.TryRead(packet, out _),
                "NACK" => GenericNack.TryRead(packet, out _),
                string unknown => throw new NotSupportedException(unknown),
                null => throw new NotSupportedException(),
            };
            Assert.False(read);
        }
    }

    /// <summary>Compares what is read with the fields, and writes the fields.</summary>
    private static int Check(string message, RtcpPacket packet, JsonElement fields, byte[] bytes)
    {
        uint sender = Ssrc(fields, "sender_ssrc");
        uint media = Ssrc(fields, "media_ssrc");
        switch (message)
        {
            case "MLVC":
                ReferenceFeedback feedback = new()
                {
                    SenderSsrc = sender,
                    MediaSsrc = media,
                    LastDecoded = fields.GetProperty("last_decoded").GetUInt16(),
                    LastReceived = fields.GetProperty("last_received").GetUInt16(),
                    BestLtr = fields.GetProperty("best_ltr").GetUInt16(),
                    IsBroken = fields.GetProperty("broken").GetBoolean(),
                    NeedsIntra = fields.GetProperty("need_intra").GetBoolean(),
                    IsAcknowledgement = fields.GetProperty("ltr_ack").GetBoolean(),
                    HasBestLtr = fields.GetProperty("best_ltr_valid").GetBoolean(),
                    DecoderIsCongested = fields.GetProperty("congested_decoder").GetBoolean(),
                    Count = fields.GetProperty("count").GetByte(),
                };
                Assert.True(ReferenceFeedback.TryRead(packet, out ReferenceFeedback said));
                Assert.Equal(feedback, said);
                return feedback.Write(bytes);
            case "PLI":
                Assert.True(PictureLossIndication.TryRead(packet, out PictureLossIndication pli));
                Assert.Equal(new PictureLossIndication(sender, media), pli);
                return pli.Write(bytes);
            case "FIR":
                Assert.True(FullIntraRequest.TryRead(packet, media, out FullIntraRequest fir));
                Assert.Equal(new FullIntraRequest(sender, media, fields.GetProperty("sequence").GetByte()), fir);
                return fir.Write(bytes);
            case "RPSI":
                Assert.True(ReferencePictureSelection.TryRead(packet, out ReferencePictureSelection rpsi));
                Assert.Equal(new ReferencePictureSelection(sender, media, fields.GetProperty("payload_type").GetByte(), fields.GetProperty("frame_id").GetUInt16()), rpsi);
                return rpsi.Write(bytes);
            case "NACK":
                return CheckNack(packet, sender, media, [.. fields.GetProperty("lost").EnumerateArray().Select(lost => lost.GetUInt16())], bytes);
            default:
                throw new NotSupportedException(message);
        }
    }

    private static int CheckNack(RtcpPacket packet, uint sender, uint media, ushort[] lost, byte[] bytes)
    {
        Assert.True(GenericNack.TryRead(packet, out GenericNack nack));
        Assert.Equal((sender, media), (nack.SenderSsrc, nack.MediaSsrc));
        List<ushort> read = [];
        foreach (ushort number in nack)
        {
            read.Add(number);
        }

        Assert.Equal(lost, read);
        return GenericNack.Write(bytes, sender, media, lost);
    }

    private static uint Ssrc(JsonElement fields, string name) => uint.Parse(fields.GetProperty(name).GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string Name(JsonElement vector) => vector.GetProperty("name").GetString()!;

    /// <summary>All but transport-cc, whose content is a timeline and has tests of its own.</summary>
    private static JsonElement[] Vectors()
    {
        string json = File.ReadAllText(Path.Combine(Repository.Root, "tests", "vectors", "feedback.json"));
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("vectors").EnumerateArray().Where(vector => vector.GetProperty("message").GetString() != "TRANSPORT-CC")];
    }
}
