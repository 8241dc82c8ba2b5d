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
        long frames = 0, decoded = 0, recoveries = 0, keyFrames = 0, discardable = 0;
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
                discardable += call.SentDiscardable;
                recoveries += call.Sent.Count(frame => frame.Type == FrameType.Recovery);
                keyFrames += seen.KeyFramesDecoded;
                string verdict = Judge(call);
                return (verdict.Length == 0).Label(verdict);
            }));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{ProofSize.Cases} cases, {frames} frames, {discardable} of them discardable, {decoded} decoded, {recoveries} recovery frames, {keyFrames} key frames decoded, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
        Assert.True(discardable > frames / 10, "the second layer was hardly met");
    }

    /// <summary>FRAME_ID wraps, and COUNT many times. The whole run lasts 47 minutes: the bitstream's frame index wraps, too, RTP and transport-wide numbers more than once.</summary>
    [Fact]
    public void The_same_holds_while_every_counter_wraps_in_bad_weather()
    {
        const int Frames = ProofSize.WrappingFrames;
        ModelCall call = new(seed: 11, firstFrameId: 63_000);
        for (int frames = 0; frames < Frames; frames += 1000)
        {
            call.Live(new Spell(1000, frames / 1000 % 20, 10, 20, 30, frames / 1000 % 3 * 10, 5));
        }

        call.FairWeather(Recovery);
        Assert.Equal("", Judge(call));
        Assert.InRange(call.Sent.Count, Frames * 15 / 16, Frames + 100);  // 65,625 at least in the whole run
        Assert.True(call.Decoder.Decoded > Frames / 2, $"{call.Decoder.Decoded} of {call.Sent.Count} frames decoded");
        Assert.InRange(call.Sent.Count(frame => frame.Type == FrameType.Intra), 1, 100);  // or the frame index would not have wrapped
    }

    private static string Judge(ModelCall call) => call.Decoder.Breach ?? call.JudgePicture();
}
