using System.Text.Json;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Verification;

namespace MlvcRtc.UnitTests.Codec.Verification;

/// <summary>The start-up self-test: what it says of devices that are slow, wrong or absent, and of a damaged model. Devices are decorators of the engine with a clock of their own.</summary>
public sealed class EngineChoiceTests : IDisposable
{
    private const int Side = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(33);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"mlvcrtc-parity-{Guid.NewGuid():N}.json");
    private readonly DeviceClock _clock = new();

    public EngineChoiceTests() => WriteAnswer(wrongSymbols: 0);

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_fastest_device_that_is_right_is_chosen()
    {
        EngineChoice choice = Choose(("cpu", Device(ms: 20)), ("npu", Device(ms: 5)), ("gpu", Device(ms: 9)));

        Assert.Equal("npu", choice.Best?.Name);
        Assert.Null(choice.Problem);
        Assert.Equal([20.0, 5, 9], choice.Trials.Select(trial => trial.EncodeMs));
        Assert.All(choice.Trials, trial => Assert.Equal(TrialOutcome.Passed, trial.Outcome));
    }

    [Fact]
    public void A_device_that_computes_wrongly_is_not_chosen_however_fast()
    {
        EngineChoice choice = Choose(("cpu", Device(ms: 20)), ("gpu", Device(ms: 1, flip: true)));

        Assert.Equal("cpu", choice.Best?.Name);
        Assert.Equal(TrialOutcome.WrongAnswer, choice.Trials[1].Outcome);
        Assert.Contains("gpu computes wrongly", choice.Trials[1].Problem, StringComparison.Ordinal);
        Assert.Contains("driver", choice.Trials[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_are_too_slow_are_named_with_what_they_take_and_the_fastest_of_them_is_better_than_none()
    {
        EngineChoice choice = Choose(("cpu", Device(ms: 90)), ("gpu", Device(ms: 50)));

        Assert.Equal("gpu", choice.Best?.Name);
        Assert.All(choice.Trials, trial => Assert.Equal(TrialOutcome.TooSlow, trial.Outcome));
        Assert.Contains("gpu is too slow: a frame of 64x64 takes 50.0 ms to encode and 50.0 ms to decode, 30.3 frames/s leave 33.0 ms", choice.Problem, StringComparison.Ordinal);
        Assert.Contains("smaller --size", choice.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_fails_is_passed_over()
    {
        EngineChoice choice = Choose(("cpu", Device(ms: 20)), ("gpu", new FakeEngine { FailNextRun = true }));

        Assert.Equal("cpu", choice.Best?.Name);
        Assert.Equal(TrialOutcome.Failed, choice.Trials[1].Outcome);
        Assert.Contains("gpu cannot run the model: The device was lost.", choice.Trials[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_every_device_is_wrong_the_model_is_to_blame()
    {
        WriteAnswer(wrongSymbols: 1);
        EngineChoice choice = Choose(("cpu", Device(ms: 1)), ("gpu", Device(ms: 1)));

        Assert.Null(choice.Best);
        Assert.StartsWith("The model is damaged: 64x64 does not give its stored answer on any device", choice.Problem, StringComparison.Ordinal);
        Assert.Contains("models import", choice.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_in_integers_are_held_to_bounds_of_their_own()
    {
        WriteAnswer(wrongSymbols: 1, int8Bound: 0.05);
        ModelBundle int8 = ModelBundle.Of(FakeModel.Version, "fake", 1, [FakeModel.Variant(Side, Side, _path) with { Numerics = Numerics.Int8 }]);
        ModelBundle bundle = ModelBundle.Of(FakeModel.Version, "fake", 1, [FakeModel.Variant(Side, Side, _path)], int8);
        EngineTask task = EngineTask.For(bundle, Side, Side, Interval);

        EngineChoice choice = EngineChoice.Make([new("cpu", Device(ms: 2)), new("cpu-int8", Device(ms: 1), Numerics.Int8)], task, _clock, TestContext.Current.CancellationToken);

        Assert.Equal([TrialOutcome.WrongAnswer, TrialOutcome.Passed], choice.Trials.Select(trial => trial.Outcome));
        Assert.Equal("cpu-int8", choice.Best?.Name);
    }

    [Fact]
    public void A_trial_leaves_no_session_open()
    {
        FakeEngine engine = new();
        Choose(("cpu", engine));
        Choose(("cpu", new SlowEngine(engine, _clock, TimeSpan.FromMilliseconds(1), flip: true)));

        Assert.Equal(0, engine.Open);
    }

    private SlowEngine Device(double ms, bool flip = false) => new(new FakeEngine(), _clock, TimeSpan.FromMilliseconds(ms), flip);

    private EngineChoice Choose(params (string Name, INeuralEngine Engine)[] devices)
    {
        ModelBundle bundle = ModelBundle.Of(FakeModel.Version, "fake", 1, [FakeModel.Variant(Side, Side, _path)]);
        return EngineChoice.Make([.. devices.Select(device => new EngineCandidate(device.Name, device.Engine))], EngineTask.For(bundle, Side, Side, Interval), _clock);
    }

    /// <summary>One flat picture of level 50: y0 is the level in each of the 16 blocks (<see cref="FakeModel"/>).</summary>
    private void WriteAnswer(int wrongSymbols, double? int8Bound = null)
    {
        byte[] y0 = new byte[2 * 16];
        for (int block = 0; block < 16; block++)
        {
            y0[2 * block] = (byte)(50 + (block < wrongSymbols ? 1 : 0));
        }

        object frame = new
        {
            shifted = 40,
            x = Enumerable.Repeat((byte)50, 96 * 8 * 8).ToArray(),
            z = new byte[] { 1, 0, 1, 0 },
            y0,
            y1 = new byte[2 * 16],
            x_hat_mean = ((64 * (50 + (wrongSymbols / 16.0))) + 16 + (16 * 40)) / 96,
        };
        File.WriteAllText(_path, JsonSerializer.Serialize(new
        {
            width = Side,
            height = Side,
            qp = 32,
            bound_symbol_mismatch = 0.005,
            bound_picture_mean_abs = 0.05,
            int8_bound_symbol_mismatch = int8Bound,
            int8_bound_picture_mean_abs = int8Bound,
            frames = new[] { frame },
        }));
    }

    /// <summary>Time that passes only while a device works.</summary>
    private sealed class DeviceClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Pass(TimeSpan time) => _ticks += time.Ticks;
    }

    /// <summary>Another engine on a device that takes so long for a run, and may get a bit wrong.</summary>
    private sealed class SlowEngine(INeuralEngine engine, DeviceClock clock, TimeSpan run, bool flip) : INeuralEngine
    {
        public INeuralSession Load(string graphPath) => new SlowSession(engine.Load(graphPath), clock, run, flip);
    }

    private sealed class SlowSession(INeuralSession session, DeviceClock clock, TimeSpan run, bool flip) : INeuralSession
    {
        public IReadOnlyList<TensorSpec> Inputs => session.Inputs;

        public IReadOnlyList<TensorSpec> Outputs => session.Outputs;

        public INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs) =>
            new SlowBinding(session.Bind(inputs, outputs), flip ? outputs.FirstOrDefault(output => output.Name == "y_raw_0").Tensor : null, clock, run);

        public void Dispose() => session.Dispose();
    }

    private sealed class SlowBinding(INeuralBinding binding, NativeTensor? wrong, DeviceClock clock, TimeSpan run) : INeuralBinding
    {
        public void Run()
        {
            binding.Run();
            clock.Pass(run);
            if (wrong is not null)
            {
                wrong.As<float>()[3] += 1;
            }
        }

        public void Dispose() => binding.Dispose();
    }
}
