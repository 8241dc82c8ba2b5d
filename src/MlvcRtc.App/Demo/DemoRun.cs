using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Tracing;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;

namespace MlvcRtc.App.Demo;

/// <summary>One run of 'demo', from the options to the files.</summary>
internal sealed class DemoRun(Surroundings surroundings, DemoSettings settings, string? model, IReadOnlyList<string> typed, string? json)
{
    /// <summary>Where B begins in the demo clip (200 s long): another moment than A.</summary>
    private static readonly TimeSpan AnswerStart = TimeSpan.FromSeconds(100);

    private readonly List<string> _written = [];

    /// <summary>Paths of the files written, in order.</summary>
    public IReadOnlyList<string> Written => _written;

    public async Task<DemoReport> RunAsync(CancellationToken cancel)
    {
        DemoArtifacts artifacts = new(surroundings, settings.OutputFolder);
        artifacts.PrepareFolder();
        ModelBundle bundle = BundleOpening.Open(model);
        using IPictureSource source = OpenSource();
        RunningModel running = EngineOpening.Open(surroundings, settings.Device, bundle, source.Size, source.Rate, cancel);
        AnswerPlan answer = AnswerPlan.For(source.Size, source.Rate, Environment.ProcessorCount);
        using IPictureSource answerSource = PictureSources.Open(surroundings, surroundings.DemoClip, answer.Size, answer.Rate, AnswerStart, loop: true);
        int pictures = PicturesIn(source.Rate);
        using PictureSpool spool = new(artifacts.PathOf(".received.part.yuv"), source.Size);
        Moments moments = new(pictures, source.Rate);

        TraceRecording? trace = TraceRecording.To(settings.Trace, surroundings.Time);
        SimulatedLink link = new(Conditions(), Conditions(), settings.Seed, surroundings.Time);
        using DemoDirection aToB = new(
            new("A to B", settings.Kbps, pictures, SenderSsrc: 0xA, ReceiverSsrc: 0xB), settings, source, (running.Bundle, running.Engine), (link.A, link.B), (spool, moments), trace, surroundings.Time);
        using DemoDirection bToA = new(
            new("B to A", Math.Max((int)(settings.Kbps * answer.KbpsShare), 20), PicturesIn(answerSource.Rate), SenderSsrc: 0x1B, ReceiverSsrc: 0x1A),
            settings, answerSource, (running.Bundle, running.Engine), (link.B, link.A), (null, null), trace, surroundings.Time);
        Announce(bundle, source, answerSource);
        aToB.WarmUp();
        cancel.ThrowIfCancellationRequested();
        bToA.WarmUp();
        Timeline timeline = await new DemoCall(surroundings, settings, aToB, bToA, link).RunAsync(cancel);

        surroundings.Terminal.Notice(source.Notice);
        DemoReport report = new(aToB.Report(link.CountsAToB), bToA.Report(link.CountsBToA), settings.Seed, ProcessMemory.PeakResidentMb());
        Write(artifacts, bundle, source, (spool, moments, timeline), report);
        if (trace is not null)
        {
            _written.Add(trace.Write());
        }

        return report;
    }

    private IPictureSource OpenSource()
    {
        IPictureSource source = PictureSources.Open(surroundings, settings.Input ?? surroundings.DemoClip, settings.Size, rate: null, loop: true);
        if (source.Size.Check() is { } complaint)
        {
            source.Dispose();
            throw new UserError(ExitCode.BadInput, $"{source.Name}: {complaint}");
        }

        surroundings.Terminal.Notice(source.Notice);
        return source;
    }

    private LinkConditions Conditions() => new() { Delay = settings.RoundTrip / 2, Loss = new BernoulliLoss(settings.LossPercent) };

    private int PicturesIn(FrameRate rate) => Math.Max((int)Math.Round(settings.Seconds * rate.PerSecond), 1);

    private void Announce(ModelBundle bundle, IPictureSource source, IPictureSource answer) =>
        surroundings.Terminal.Say($"call over a simulated network: {settings.LossPercent:0.##} % loss, {settings.RoundTrip.TotalMilliseconds:0} ms RTT; A sends {source.Size} at {source.Rate.PerSecond:0.##} fps for {settings.Kbps} kbit/s, B answers with {answer.Size} at {answer.Rate.PerSecond:0.##} fps; model {bundle.Name} {bundle.Version}; {settings.Seconds:0.#} s");

    private void Write(
        DemoArtifacts artifacts, ModelBundle bundle, IPictureSource source, (PictureSpool Spool, Moments Moments, Timeline Timeline) seen, DemoReport report)
    {
        string text = ReportFile.Render(report, bundle.ToReport(), typed, surroundings.Time);
        _written.Add(artifacts.WriteReport(text));
        _written.Add(artifacts.WritePlot(seen.Timeline, report));
        if (seen.Moments.Draw() is { } sheet)
        {
            _written.Add(artifacts.WriteSheet(sheet));
        }

        if (seen.Spool.Count > 0)
        {
            _written.Add(artifacts.WriteVideo(seen.Spool, report.FramesCaptured, source.Size, source.Rate));
        }

        if (json is not null)
        {
            ReportFile.Write(json, text);
            _written.Add(json);
        }
    }
}
