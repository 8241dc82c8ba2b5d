using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Proof.Recovery;

/// <summary>What no feedback message can do to a sender, however wrong it is, beside a true receiver in bad weather.</summary>
public sealed class LiesChangeNothingTests
{
    /// <summary>Key frames are never closer, whoever asks (docs/payload-format.md, "Answers of a sender").</summary>
    private static readonly TimeSpan KeyFrameCap = TimeSpan.FromMilliseconds(500);

    /// <summary>Fair weather at the end. The last lies and the last true words of before may come 1.5 s late; after that a key frame may have to wait its 500 ms, and be asked for again.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(4);

    [Fact]
    public void No_feedback_makes_the_sender_use_an_unacknowledged_reference_or_more_key_frames_than_one_in_500_ms_or_keeps_the_picture_dark()
    {
        long begun = Stopwatch.GetTimestamp();
        long frames = 0, lies = 0, recoveries = 0, keyFrames = 0;
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(ProofSize.Cases).WithQuietOnSuccess(true),
            Prop.ForAll(Slander.Any, slander =>
            {
                ModelCall call = new(slander.Weather.Seed, slander.Weather.FirstFrameId);
                Witness witness = new(call);
                witness.Live(slander);
                call.FairWeather(Recovery);
                frames += call.Sent.Count;
                lies += witness.LiesTold;
                recoveries += call.Sent.Count(frame => frame.Type == FrameType.Recovery);
                keyFrames += call.Sent.Count(frame => frame.Type == FrameType.Intra);
                string verdict = witness.Judge();
                return (verdict.Length == 0).Label(verdict);
            }));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{ProofSize.Cases} cases, {lies} lies, {frames} frames, {recoveries} recovery frames, {keyFrames} key frames, {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s");
    }

    /// <summary>Tells the lies, and knows of every frame whether somebody, true or false, had acknowledged its reference, or one that was predicted from it step by step, before it was coded.</summary>
    private sealed class Witness
    {
        private readonly ModelCall _call;
        private readonly HashSet<ushort> _acknowledged = [];
        private readonly Dictionary<int, (ushort FrameId, long Number, long Chain)> _slots = [];
        private readonly byte[] _message = new byte[TransportFeedbackWriter.MaxBytes];
        private ushort _newestPacket;
        private uint _media;
        private string _breach = "";
        private long _number;
        private long _chain;

        public Witness(ModelCall call)
        {
            _call = call;
            call.Encoder.Coded += Judge;
            call.Call.Link.A.Arrived += (packet, _) => Hear(packet);
            call.Call.Link.B.Arrived += (packet, _) => Follow(packet);
        }

        public int LiesTold { get; private set; }

        public void Live(Slander slander)
        {
            int frame = 0;
            foreach (Spell spell in slander.Weather.Spells)
            {
                for (int i = 0; i < spell.Frames; i++, frame++)
                {
                    foreach (Lie lie in slander.Lies)
                    {
                        for (int times = 0; lie.Frame == frame && times < lie.Times; times++)
                        {
                            ushort newestFrame = _call.Sent.Count == 0 ? slander.Weather.FirstFrameId : _call.Sent[^1].FrameId;
                            _call.Call.Link.B.Send(_message.AsSpan(0, lie.Write(_message, _media, newestFrame, _newestPacket)));
                            LiesTold++;
                        }
                    }

                    _call.Live(spell with { Frames = 1 });
                }
            }
        }

        public string Judge()
        {
            if (_breach.Length > 0)
            {
                return _breach;
            }

            if (_call.Decoder.Breach is { } breach)
            {
                return breach;
            }

            if (_call.ClosestKeyFrames() < KeyFrameCap)
            {
                return $"two key frames within {_call.ClosestKeyFrames()!.Value.TotalMilliseconds:0} ms";
            }

            return _call.JudgePicture();
        }

        private void Judge(EncodedFrame frame)
        {
            if (frame.Type == FrameType.Intra)
            {
                _slots.Clear();  // a key frame empties all slots
            }

            if (frame.Type == FrameType.Recovery && !(_slots.Values.Any(slot => slot.FrameId == frame.ReferenceId) && _acknowledged.Contains(frame.ReferenceId)))
            {
                _breach = $"frame {frame.FrameId} was predicted from frame {frame.ReferenceId}, which nobody acknowledged";
            }

            _number++;
            _chain += frame.Type == FrameType.Inter ? 0 : 1;
            if (frame.LtrSlot is { } slot)
            {
                _slots[slot] = (frame.FrameId, _number, _chain);
                _acknowledged.Remove(frame.FrameId);  // an earlier word on this number meant another frame
            }
        }

        /// <summary>Who keeps a frame keeps the marked frames that it was predicted from step by step: it could not have been decoded without them.</summary>
        private void Acknowledge(ushort frameId)
        {
            foreach ((ushort _, long number, long chain) in _slots.Values.Where(slot => slot.FrameId == frameId).ToArray())
            {
                _acknowledged.UnionWith(_slots.Values.Where(slot => slot.Chain == chain && slot.Number <= number).Select(slot => slot.FrameId));
            }
        }

        private void Hear(ReadOnlySpan<byte> packet)
        {
            RtcpReader reader = new(packet);
            while (reader.TryNext(out RtcpPacket part))
            {
                if (ReferenceFeedback.TryRead(part, out ReferenceFeedback feedback) && feedback.HasBestLtr)
                {
                    Acknowledge(feedback.BestLtr);
                }
                else if (ReferencePictureSelection.TryRead(part, out ReferencePictureSelection selection))
                {
                    Acknowledge(selection.FrameId);
                }
            }
        }

        private void Follow(ReadOnlySpan<byte> packet)
        {
            if (PacketDemux.Classify(packet) == PacketKind.Rtp && RtpPacket.TryParse(packet, out RtpPacket parsed))
            {
                _media = parsed.Ssrc;
                _newestPacket = parsed.SequenceNumber;
            }
        }
    }
}
