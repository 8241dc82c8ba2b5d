using System.Globalization;
using System.Text.Json;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Rtp.Payload;

public sealed class PayloadDescriptorTests
{
    public static TheoryData<string> VectorNames => [.. Vectors().Select(v => v.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(VectorNames))]
    public void Golden_bytes_are_read_as_written_down(string name)
    {
        JsonElement vector = Vectors().Single(v => v.GetProperty("name").GetString() == name);
        byte[] bytes = Convert.FromHexString(vector.GetProperty("bytes").GetString()!);

        DescriptorStatus status = PayloadDescriptor.Read(bytes, out PayloadDescriptor read);

        Assert.Equal(Enum.Parse<DescriptorStatus>(vector.GetProperty("status").GetString()!), status);
        if (status != DescriptorStatus.Ok)
        {
            Assert.Equal(default, read);
            return;
        }

        bool configured = vector.TryGetProperty("model_tag", out JsonElement tag);
        PayloadDescriptor expected = new()
        {
            Type = Enum.Parse<FrameType>(vector.GetProperty("type").GetString()!),
            Discardable = vector.GetProperty("discardable").GetBoolean(),
            LtrSlot = vector.GetProperty("ltr_slot").ValueKind == JsonValueKind.Null ? null : vector.GetProperty("ltr_slot").GetInt32(),
            TemporalId = vector.GetProperty("temporal_id").GetByte(),
            FrameId = vector.GetProperty("frame_id").GetUInt16(),
            ReferenceId = vector.GetProperty("reference_id").GetUInt16(),
            FragmentIndex = vector.GetProperty("fragment").GetByte(),
            LastFragment = vector.GetProperty("last").GetByte(),
            ModelTag = configured ? uint.Parse(tag.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0,
            CodedWidth = configured ? vector.GetProperty("coded_width").GetUInt16() : (ushort)0,
            CodedHeight = configured ? vector.GetProperty("coded_height").GetUInt16() : (ushort)0,
        };
        Assert.Equal(expected, read);

        string canonical = vector.TryGetProperty("canonical", out JsonElement other) ? other.GetString()! : vector.GetProperty("bytes").GetString()!;
        byte[] written = new byte[read.SizeBytes];
        read.Write(written);
        Assert.Equal(canonical, Convert.ToHexStringLower(written));
    }

    private static JsonElement[] Vectors()
    {
        string json = File.ReadAllText(Path.Combine(Repository.Root, "tests", "vectors", "payload-descriptor.json"));
        return [.. JsonDocument.Parse(json).RootElement.GetProperty("vectors").EnumerateArray()];
    }
}
