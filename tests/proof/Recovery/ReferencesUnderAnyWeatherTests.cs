using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;

namespace MlvcRtc.Proof.Recovery;

/// <summary>The promises of the reference protocol, over sender and receiver as they are in a call, in thousands of cases of loss, reordering, duplication and late feedback.</summary>
public sealed class ReferencesUnderAnyWeatherTests
{
    /// <summary>Fair weather at the end, after which the picture must go on: a lost request is repeated, and a key frame may have to wait its 500 ms.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);

    [Fact]
    public void No_frame_is_decoded_without_its_reference_both_ends_agree_on_every_slot_and_the_picture_comes_back()
    {
        long begun = Stopwatch.GetTimestamp();
        long frames = 0, decoded = 0, recoveries = 0, keyFrames = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(ProofSize.Cases).WithQuietOnSuccess(true),
            Prop.ForAll(Weather.Any, weather =>
            {
                ModelCall call = new(weather.Seed, weather.FirstFrameId);
                foreach (Spell spell in weather.Spells)
                {
                    call.Live(spell);
                }

                call.FairWeather(Recovery);
                ReceiveStatistics seen = call.Call.Received;
                frames += call.Sent.Count;
                decoded += call.Decoder.Decoded;
                recoveries += call.Sent.Count(frame => frame.Type == FrameType.Recovery);
                keyFrames += seen.KeyFramesDecoded;
                string verdict = Judge(call);
                return (verdict.Length == 0).Label(verdict);
            }));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{ProofSize.Cases} cases, {frames} frames, {decoded} decoded, {recoveries} recovery frames, {keyFrames} key frames decoded, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
    }

    private static string Judge(ModelCall call)
    {
        if (call.Decoder.Breach is { } breach)
        {
            return breach;
        }

        TimeSpan dark = call.Call.Now - call.LastShown;
        return dark > 4 * ModelCall.FrameInterval ? $"{dark.TotalMilliseconds:0} ms after the last picture, in fair weather, there is none" : "";
    }
}
