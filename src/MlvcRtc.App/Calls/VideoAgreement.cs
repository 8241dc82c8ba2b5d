using MlvcRtc.App.CommandLine;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.App.Calls;

/// <summary>What both sides agreed on for the video (docs/payload-format.md §9, §10), as the pipelines need it.</summary>
/// <param name="Channel">Where the packets go.</param>
/// <param name="Tools">What mends a broken picture, both ways.</param>
/// <param name="Slots">Long-term references.</param>
/// <param name="MaxPayloadBytes">Of our RTP packets.</param>
/// <param name="MaxSamples">Luma samples of the largest picture that the other side decodes.</param>
/// <param name="MaxFrameRate">Pictures a second that it decodes.</param>
/// <param name="TransportSequenceId">Numbers packets for congestion control; null = not agreed, the rate stays as it was set.</param>
internal sealed record VideoAgreement(
    MediaChannel Channel, RecoveryTools Tools, int Slots, int MaxPayloadBytes, int MaxSamples, int MaxFrameRate, byte? TransportSequenceId)
{
    /// <summary>Fewer slots are of no use to the reference policy: it then does without references.</summary>
    private const int LeastSlots = 4;

    private const int BlockSamples = 256;

    /// <exception cref="UserError">No video was agreed on; says why.</exception>
    public static VideoAgreement Of(IReadOnlyList<MediaChannel> channels, MlvcParameters own)
    {
        MediaChannel? video = channels.FirstOrDefault(channel => channel.Kind == MediaKind.Video);
        string models = string.Join(", ", own.Models.Select(tag => tag.ToString("x8", System.Globalization.CultureInfo.InvariantCulture)));
        if (video is null)
        {
            throw new UserError(ExitCode.UnknownModel, $"The other side agreed to no video: it has no model in common with ours (tag {models}), or another version of the payload format. Import the same bundle at both sides ('mlvcrtc models list').");
        }

        if (!MlvcParameters.TryParse(video.RemoteParameters, out MlvcParameters? theirs, out string? problem))
        {
            throw new UserError(ExitCode.Failed, $"The other side's video parameters make no sense: {problem}.");
        }

        if (theirs.Models.Count > 0 && own.ModelFor(theirs) is null)
        {
            throw new UserError(ExitCode.UnknownModel, $"The other side decodes no model that we have (tag {models}). Import the same bundle at both sides ('mlvcrtc models list').");
        }

        int slots = Math.Min(own.MaxReferences, theirs.MaxReferences);
        RecoveryTools tools = MlvcMedia.ToolsOf(video) & (slots < LeastSlots ? ~RecoveryTools.References : RecoveryTools.All);
        return new(
            video,
            tools,
            Math.Clamp(slots, LeastSlots, ReferencePolicyOptions.MaxSlots),
            Math.Min(theirs.MaxPayloadBytes, PayloadFormat.MaxPayloadBytes),
            theirs.MaxFrameSize * BlockSamples,
            theirs.MaxFrameRate,
            MlvcMedia.TransportSequenceIdOf(video));
    }
}
