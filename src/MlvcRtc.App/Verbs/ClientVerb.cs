using System.CommandLine;
using MlvcRtc.App.Calls;
using MlvcRtc.App.Client;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.App.Verbs;

/// <summary>'client', and the program without a verb: a call that people see and hear.</summary>
internal static class ClientVerb
{
    private const string Summary = "The desktop client: see and hear each other, in a window of your browser. Also without any verb.";

    private const string Details = """
        Opens a page that this program serves on 127.0.0.1, for you alone: camera, microphone, the other side, statistics. The page opens once by the printed address; press
        Enter here for a fresh one. Ctrl-C ends the program.

        Examples:
          mlvcrtc
          mlvcrtc client --server wss://call.example.org --room kitchen
          mlvcrtc client --no-browser --port 8080
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<int?> port = SharedOptions.Whole("--port", "N", "Port of the page on 127.0.0.1. Default: a free one.", 0, 65_535);
        Option<bool> noBrowser = new("--no-browser") { Description = "Print the address, and open nothing." };
        Option<string?> server = new("--server") { Description = "Address of the signaling server, put into the page's form.", HelpName = "URL" };
        Option<string?> room = new("--room") { Description = "Name of the room, put into the page's form.", HelpName = "NAME" };
        Option<string?> transport = new("--transport") { Description = "Which implementation carries the call. Default: sipsorcery where it is in the build, else builtin.", HelpName = "builtin|sipsorcery" };
        transport.AcceptOnlyFromAmong(PeerTransports.BuiltIn, PeerTransports.SipSorcery);
        Option<string?> model = SharedOptions.Model();
        Option<string?> device = SharedOptions.Device();
        ExplainedCommand command = new("client", Summary, Details) { port, noBrowser, server, room, transport, model, device };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            if (parsed.GetValue(server) is { } address)
            {
                ServerAddresses.Parse(address);
            }

            if (parsed.GetValue(room) is { } name && !RoomName.IsValid(name))
            {
                throw new UserError(ExitCode.BadInput, $"--room {name}: the name of a room has 1 to {RoomName.MaxLength} characters of A-Z a-z 0-9 . _ ~ - and nothing else.");
            }

            ClientSettings settings = new(
                parsed.GetValue(port) ?? 0,
                !parsed.GetValue(noBrowser),
                parsed.GetValue(server),
                parsed.GetValue(room),
                parsed.GetValue(model),
                parsed.GetValue(device),
                PeerTransports.Choose(parsed.GetValue(transport), surroundings.Time));
            using BrowserWindow window = new();
            new ClientRun(surroundings, settings).RunAsync(local => Announce(surroundings.Terminal, local, settings.OpensBrowser ? window : null), cancel).GetAwaiter().GetResult();
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Announce(Terminal terminal, LocalServer server, BrowserWindow? window)
    {
        Uri address = server.NewAddress();
        terminal.Out.WriteLine($"the call's page, for one opening: {address}");
        if (window?.TryOpen(address) == false)
        {
            terminal.Notice("no browser could be started; open the address above in Chromium, Chrome or Edge");
        }

        if (terminal.IsInteractive && !Console.IsInputRedirected)
        {
            terminal.Out.WriteLine("Enter: a fresh address. Ctrl-C: end.");
            Thread keys = new(() =>
            {
                while (Console.In.ReadLine() is not null)
                {
                    terminal.Out.WriteLine(server.NewAddress());
                }
            })
            {
                IsBackground = true,  // the console cannot be waited for and stopped; it ends with the process
                Name = "keyboard",
            };
            keys.Start();
        }
    }
}
