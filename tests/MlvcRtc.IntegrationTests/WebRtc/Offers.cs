using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>What the peers under test offer.</summary>
internal static class Offers
{
    public const string TransportSequence = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    public const string VideoParameters = "profile-id=0;model=1a2b3c4d;max-ltr=4";

    public static MediaDescription Video(byte payloadType = 109, byte transportSequenceId = 5, string parameters = VideoParameters) => new(
        MediaKind.Video,
        new MediaFormat(payloadType, "MLVC", 90000, 1, parameters, ["nack", "nack pli", "transport-cc", "nack app mlvc"]),
        new Dictionary<string, byte> { [TransportSequence] = transportSequenceId });

    public static MediaDescription Audio(byte payloadType = 111) => new(
        MediaKind.Audio,
        new MediaFormat(payloadType, "opus", 48000, 2, "minptime=10;useinbandfec=1", ["transport-cc"]),
        new Dictionary<string, byte> { [TransportSequence] = 5 });
}
