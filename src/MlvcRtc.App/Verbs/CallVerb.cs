using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Tracing;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.App.Verbs;

/// <summary>'call': two people, two machines.</summary>
internal static class CallVerb
{
    private const string Summary = "A video call with another machine, by way of a signaling server.";

    private const string Details = """
        Joins a room of two on the server; video and sound then go directly between the two machines, or through the server's relay. The rate follows the network, up to
        --kbps. Ctrl-C hangs up. With --host this machine is the server: start it, and give the printed command to the other side.

        Examples:
          mlvcrtc call --host --room kitchen --headless
          mlvcrtc call --server ws://192.168.1.5:8765 --room kitchen --input camera --headless --output seen.mp4
          mlvcrtc call --server wss://call.example.org --room x7f --token TOKEN --input talk.mp4 --headless --seconds 60 --json call.json
        """;

    /// <summary>Port of --host: above those of the system, and used by nothing common.</summary>
    private const int DefaultPort = 8765;

    public static Command Create(Surroundings surroundings)
    {
        Option<string?> server = new("--server") { Description = "Address of the signaling server: ws://HOST[:PORT], wss://HOST; several, joined by commas, are tried in turn.", HelpName = "URL" };
        Option<bool> host = new("--host") { Description = "Be the signaling server for this call as well, open to everybody on the network." };
        Option<int?> port = SharedOptions.Whole("--port", "N", "Port of --host; 0 = a free one. Default: 8765.", 0, 65_535);
        Option<string> room = new("--room") { Description = "Name of the room: A-Z a-z 0-9 . _ ~ -, the same at both sides.", Required = true, HelpName = "NAME" };
        Option<string?> token = new("--token") { Description = "Token of the server's operator (JWT); without it, MLVCRTC_TOKEN of the environment, which other users of the machine cannot see.", HelpName = "T" };
        Option<string?> input = new("--input") { Description = "What is sent: a file (repeated when too short), \"camera\" or \"camera:DEVICE\". Default: the demo clip, one person talking.", HelpName = "FILE|camera" };
        Option<bool> headless = new("--headless") { Description = "No window: statistics are printed, and the other side's video goes to --output." };
        Option<double?> seconds = SharedOptions.Number("--seconds", "S", "Hang up after so long, counted from the connection, 1 .. 86400. Default: when either side hangs up.", 1, 86_400);
        Option<int?> calls = SharedOptions.Whole("--calls", "N", "Make N calls of --seconds, in the rooms NAME-1 .. NAME-N, and tell how soon the other side was seen, 2 .. 10000; both sides the same.", 2, 10_000);
        Option<PictureSize?> size = SharedOptions.Size("Scale the video. Default: its own size.");
        Option<int?> kbps = SharedOptions.Whole("--kbps", "N", "Coded video at most, in kbit/s (1 kbit = 1000 bit), 20 .. 20000. Default: 300.", 20, 20_000);
        Option<bool> fixedRate = new("--fixed-rate") { Description = "Send at --kbps whatever the network says, every picture as captured: to compare with 'mlvcrtc lab'." };
        Option<double?> playout = SharedOptions.Number("--playout-ms", "N", "What received pictures wait beyond the ideal, 0 .. 1000. Default: 0 .. 200, as the network needs.", 0, 1000);
        Option<string?> output = new("--output") { Description = "Received video as it was seen: .mp4, .y4m, .yuv or .nv12.", HelpName = "FILE" };
        Option<string?> reference = new("--reference") { Description = "The clip that the other side sends (at --size): received pictures are compared with it (PSNR).", HelpName = "FILE" };
        Option<string?> audio = new("--audio") { Description = "Sound to send: an Ogg Opus file, repeated. Default: none.", HelpName = "FILE.opus" };
        Option<string?> audioOutput = new("--audio-output") { Description = "Received sound, as an Ogg Opus file.", HelpName = "FILE.opus" };
        Option<bool> relayOnly = new("--relay-only") { Description = "Only through the server's TURN relay: hides this machine's addresses from the other side." };
        Option<bool> loopback = new("--loopback") { Description = "127.0.0.1 is a path, too, for calls within one machine; latency is then measured." };
        Option<string?> transport = new("--transport") { Description = "Which implementation carries the call. Default: sipsorcery where it is in the build, else builtin.", HelpName = "builtin|sipsorcery" };
        transport.AcceptOnlyFromAmong(PeerTransports.BuiltIn, PeerTransports.SipSorcery);
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        Option<string?> trace = SharedOptions.Trace();
        Option<string?> device = SharedOptions.Device();
        ExplainedCommand command = new("call", Summary, Details)
        {
            server, host, port, room, token, input, headless, seconds, calls, size, kbps, fixedRate, playout, output, reference, audio, audioOutput, relayOnly, loopback, transport, model, json, trace, device,
        };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            if (parsed.GetValue(host) == parsed.GetValue(server) is not null)
            {
                throw new UserError(ExitCode.BadInput, "Give either --server URL, or --host to be the server.");
            }

            if (!parsed.GetValue(headless))
            {
                surroundings.Terminal.Notice("'call' has no window ('client' has); received video goes to --output only (--headless says that this is meant)");
            }

            if (!RoomName.IsValid(parsed.GetRequiredValue(room)))
            {
                throw new UserError(ExitCode.BadInput, $"--room {parsed.GetRequiredValue(room)}: the name of a room has 1 to {RoomName.MaxLength} characters of A-Z a-z 0-9 . _ ~ - and nothing else.");
            }

            CallSettings settings = new()
            {
                Servers = parsed.GetValue(server) is { } text ? ServerAddresses.Parse(text) : [],
                Room = parsed.GetRequiredValue(room),
                Token = parsed.GetValue(token) ?? surroundings.Variable("MLVCRTC_TOKEN"),
                Input = parsed.GetValue(input),
                Size = parsed.GetValue(size),
                Kbps = parsed.GetValue(kbps) ?? 300,
                FixedRate = parsed.GetValue(fixedRate),
                Playout = parsed.GetValue(playout) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
                Length = parsed.GetValue(seconds) is { } length ? TimeSpan.FromSeconds(length) : null,
                Output = parsed.GetValue(output),
                Reference = parsed.GetValue(reference),
                Audio = parsed.GetValue(audio),
                AudioOutput = parsed.GetValue(audioOutput),
                RelayOnly = parsed.GetValue(relayOnly),
                Loopback = parsed.GetValue(loopback),
                Device = parsed.GetValue(device),
                Trace = TraceRecording.To(parsed.GetValue(trace), surroundings.Time),
                Peers = PeerTransports.Choose(parsed.GetValue(transport), surroundings.Time),
            };
            int? hosted = parsed.GetValue(host) ? parsed.GetValue(port) ?? DefaultPort : null;
            return RunAsync(surroundings, settings, hosted, parsed.GetValue(calls), parsed, (parsed.GetValue(model), parsed.GetValue(json)), cancel).GetAwaiter().GetResult();
        });
        return command;
    }

    private static async Task<ExitCode> RunAsync(
        Surroundings surroundings, CallSettings settings, int? hostedPort, int? calls, ParseResult parsed, (string? Model, string? Json) named, CancellationToken cancel)
    {
        await using EmbeddedServer? server = hostedPort is { } port ? await EmbeddedServer.StartAsync(IPAddress.Any, port, surroundings.Time) : null;
        if (server is not null)
        {
            settings = settings with { Servers = [server.LocalAddress] };
            Announce(surroundings.Terminal, server, settings.Room);
        }

        if (calls is { } count)
        {
            return await RunSeriesAsync(surroundings, settings, count, parsed, named, cancel);
        }

        CallRun run = new(surroundings, settings, named.Model, parsed.Typed(), named.Json);
        CallReport report = await run.RunAsync(cancel);
        Print(surroundings.Terminal, report, run.Written);
        return report.Ended == "connection-lost"
            ? throw new UserError(ExitCode.Failed, "The connection to the other side was lost and not found again. Check both networks; a TURN server at the signaling server helps where UDP is blocked.")
            : ExitCode.Ok;
    }

    private static async Task<ExitCode> RunSeriesAsync(
        Surroundings surroundings, CallSettings settings, int count, ParseResult parsed, (string? Model, string? Json) named, CancellationToken cancel)
    {
        List<CallBeginning> begun = [];
        for (int number = 1; number <= count; number++)
        {
            CallRun run = new(surroundings, settings with { Room = CallSeries.RoomOf(settings.Room, number) }, named.Model, parsed.Typed(), json: null);
            begun.Add(CallBeginning.Of(await run.RunAsync(cancel)));
        }

        CallSeries series = new(begun);
        Say("joining second to the first picture", series.JoiningMs);
        Say("the other side's arrival to its first picture", series.WaitingMs);
        if (named.Json is { } path)
        {
            ReportFile.Write(path, ReportFile.Render(series, BundleOpening.Open(named.Model).ToReport(), parsed.Typed(), surroundings.Time));
            surroundings.Terminal.Out.WriteLine($"wrote {path}");
        }

        return series.WithoutPicture == 0 ? ExitCode.Ok : throw new UserError(ExitCode.Failed, $"In {series.WithoutPicture} of {count} calls nothing of the other side was seen.");

        void Say(string what, Percentiles? figures)
        {
            if (figures is not null)
            {
                surroundings.Terminal.Say($"{what}: p50 {figures.P50:0} ms, p95 {figures.P95:0} ms");
            }
        }
    }

    private static void Announce(Terminal terminal, EmbeddedServer server, string room)
    {
        string[] addresses = [.. EmbeddedServer.LanAddresses()];
        terminal.Out.WriteLine($"serving room {room}. The other side types{(addresses.Length > 1 ? " one of" : "")}:");
        foreach (string address in addresses.DefaultIfEmpty("127.0.0.1"))
        {
            terminal.Out.WriteLine($"  mlvcrtc call --server ws://{address}:{server.Port} --room {room} --headless{(addresses.Length == 0 ? " --loopback" : "")}");
        }
    }

    private static void Print(Terminal terminal, CallReport report, IEnumerable<string> written)
    {
        terminal.Say($"call of {report.Seconds:0.0} s, ended: {report.Ended}");
        terminal.Say($"sent:     {report.FramesEncoded} of {report.FramesCaptured} pictures, {report.SendKbps:0} kbit/s, {report.KeyFrames} key frames, {report.PacketsResent} of {report.PacketsSent} packets sent again");
        terminal.Say($"received: {report.FramesDecoded} of {report.RemoteFramesEncoded} coded frames decoded ({100 * report.DecodedRatio:0.0} %), {report.ReceiveKbps:0} kbit/s, {report.LossPercent:0.0} % of the packets lost, {report.Recoveries} recoveries, {report.FreezeCount} freezes ({report.FreezeMsTotal:0} ms)");
        if (report.MeanPsnrDb is { } psnr)
        {
            terminal.Say($"          PSNR {psnr:0.0} dB over {report.FramesCompared} pictures");
        }

        terminal.Say($"path {report.Path?.LocalCandidateType ?? "-"} to {report.Path?.RemoteCandidateType ?? "-"}, RTT {report.RttMs ?? 0:0} ms; first picture {report.PeerToFirstFrameMs ?? 0:0} ms after the other side came");
        foreach (string path in written)
        {
            terminal.Out.WriteLine($"wrote {path}");
        }
    }
}
