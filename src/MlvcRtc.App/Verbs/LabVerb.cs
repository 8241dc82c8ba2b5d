using System.CommandLine;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.LossLab;
using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.App.Verbs;

/// <summary>'lab': what recovery is worth, on simulated networks in virtual time.</summary>
internal static class LabVerb
{
    private const string Summary = "Compare recovery policies on simulated networks: same packets lost, same delay, same bitrate.";

    private const string Details = """
        Runs calls in virtual time, one per scenario and policy, and prints one table. The same command gives the same figures, to the bit. With --out it draws,
        per scenario, PSNR, bitrate and freezes over time and how long recoveries took, and one overview. What is measured and how: docs/loss-lab.md.

        Bandwidth scenarios (steady-500, drop-1000-300, shared-1000) have no policies: a source that always has data fills what congestion control allows.

        Policies: none, pli (key frames), nack (retransmission), ltr (acknowledged references), ltr+nack; all but none fall back to key frames.

        Examples:
          mlvcrtc lab --list
          mlvcrtc lab --scenario random-5 --seconds 60 --out artifacts/lab
          mlvcrtc lab --scenario random-5,bursts --policy pli,ltr+nack --codec real --seconds 60 --json lab.json
          mlvcrtc lab --recovery-cost --input one.mp4,two.mp4
          mlvcrtc lab --long-chain --input one.mp4,two.mp4
          mlvcrtc lab --bandwidth-matrix
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<string> scenario = new("--scenario") { Description = "Names, joined by commas; all = every scenario of --list. Default: all.", DefaultValueFactory = _ => "all", HelpName = "LIST" };
        Option<string> policy = new("--policy") { Description = "Names, joined by commas. Default: all.", DefaultValueFactory = _ => "all", HelpName = "LIST" };
        Option<double?> seconds = SharedOptions.Number("--seconds", "S", "Length of every run, 2 .. 3600. Default: each scenario's own.", 2, 3600);
        Option<int?> seed = SharedOptions.Whole("--seed", "N", "Chooses which packets are lost. Default: 1.", 0, int.MaxValue - 1);
        Option<string> codec = new("--codec") { Description = "The neural codec, or one that only keeps references like it and is fast.", DefaultValueFactory = _ => "test", HelpName = "real|test" };
        codec.AcceptOnlyFromAmong("real", "test");
        Option<string?> input = new("--input") { Description = "Video for the real codec, played forth and back. Default: the demo clip. With --recovery-cost and --long-chain several, joined by commas.", HelpName = "FILE" };
        Option<double?> playout = SharedOptions.Number("--playout-ms", "N", "What the receiver waits beyond the ideal, 0 .. 1000, in place of the scenarios' own.", 0, 1000);
        Option<double?> encode = SharedOptions.Number("--encode-ms", "N", "Time that encoding a 640x368 picture takes; other sizes by their area. Default: 24.", 0, 1000);
        Option<double?> decode = SharedOptions.Number("--decode-ms", "N", "The same for decoding. Default: 18.", 0, 1000);
        Option<string?> output = new("--out") { Description = "Folder for the pictures. Default: none are drawn.", HelpName = "DIR" };
        Option<bool> cost = new("--recovery-cost") { Description = "Instead of calls: the size of frames predicted from far back, by the real codec, against ordinary and key frames." };
        Option<bool> chain = new("--long-chain") { Description = "Instead of calls: PSNR over 600 frames after one key frame, by the real codec." };
        Option<bool> matrix = new("--bandwidth-matrix") { Description = "Instead of calls: congestion control on thirty paths without loss, with 2 % and with 5 %." };
        Option<bool> list = new("--list") { Description = "Name the scenarios and end." };
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("lab", Summary, Details) { scenario, policy, seconds, seed, codec, input, playout, encode, decode, output, cost, chain, matrix, list, model, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            if (parsed.GetValue(list))
            {
                List(surroundings.Terminal);
                return ExitCode.Ok;
            }

            string[] inputs = (parsed.GetValue(input) ?? surroundings.DemoClip).Split(',', StringSplitOptions.RemoveEmptyEntries);
            if (parsed.GetValue(cost))
            {
                new RecoveryCostRun(surroundings, inputs, parsed.GetValue(model), parsed.Typed(), parsed.GetValue(json)).Run(cancel);
                return ExitCode.Ok;
            }

            if (parsed.GetValue(chain))
            {
                new LongChainRun(surroundings, inputs, parsed.GetValue(model), parsed.Typed(), parsed.GetValue(json)).Run(cancel);
                return ExitCode.Ok;
            }

            if (parsed.GetValue(matrix))
            {
                new BandwidthMatrixRun(surroundings, parsed.Typed(), parsed.GetValue(json)).Run(cancel);
                return ExitCode.Ok;
            }

            LabSettings settings = new(
                Named(parsed.GetRequiredValue(scenario), ScenarioCatalogue.All, ScenarioCatalogue.Find, "scenario"),
                Named(parsed.GetRequiredValue(policy), RecoveryPolicy.All, RecoveryPolicy.Find, "policy"),
                parsed.GetValue(seconds),
                parsed.GetValue(seed) ?? 1,
                parsed.GetRequiredValue(codec) == "real",
                parsed.GetValue(input),
                parsed.GetValue(playout),
                parsed.GetValue(encode) ?? LabSettings.MeasuredEncodeMs,
                parsed.GetValue(decode) ?? LabSettings.MeasuredDecodeMs,
                parsed.GetValue(output));
            new LabRun(surroundings, settings, parsed.GetValue(model), parsed.Typed(), parsed.GetValue(json)).Run(cancel);
            return ExitCode.Ok;
        });
        return command;
    }

    private static IReadOnlyList<T> Named<T>(string names, IReadOnlyList<T> all, Func<string, T?> find, string what)
        where T : class =>
        names == "all" ? all : [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name =>
            find(name) ?? throw new UserError(ExitCode.BadInput, $"There is no {what} '{name}'. 'mlvcrtc lab --list' names them."))];

    private static void List(Terminal terminal)
    {
        foreach (Scenario scenario in ScenarioCatalogue.All)
        {
            terminal.Say($"{scenario.Name,-16} {scenario.Description} ({scenario.Kbps:0} kbit/s, {scenario.RoundTrip.TotalMilliseconds:0} ms RTT, playout {scenario.PlayoutDelay.TotalMilliseconds:0} ms, {scenario.Seconds:0} s)");
        }

        terminal.Say($"policies: {string.Join(", ", RecoveryPolicy.All.Select(policy => policy.Name))}");
    }
}
