using System.Diagnostics.Metrics;
using System.Net.WebSockets;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Serving;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.UnitTests.Signaling;

/// <summary>docs/security.md, the part of the server: whoever is refused learns why, and the operator finds the same word in the log and in the counter. Who sits in the room notices nothing.</summary>
public sealed class HostileClientTests
{
    private const string Secret = "a secret of more than 32 bytes, for tests";

    private static readonly Dictionary<string, Func<OneNode, TestSocket, Task>> Attacks = new()
    {
        [ErrorCode.TokenRequired] = (_, socket) => socket.SendAsync(new Join("r")),
        [ErrorCode.TokenMalformed] = (_, socket) => socket.SendAsync(new Join("r") { Token = "a.b.c" }),
        [ErrorCode.TokenSignature] = (node, socket) => socket.SendAsync(new Join("r") { Token = Token(node, "r", secret: Secret + "?") }),
        [ErrorCode.TokenExpired] = (node, socket) => socket.SendAsync(new Join("r") { Token = TokenIssuer.Issue("r", "somebody", -TokenVerifier.ClockSkew, Secret, node.Time) }),
        [ErrorCode.TokenRoom] = (node, socket) => socket.SendAsync(new Join("r") { Token = Token(node, "another") }),
        [ErrorCode.TokenReplayed] = async (node, socket) =>
        {
            string token = Token(node, "elsewhere");
            await node.JoinAsync("elsewhere", token);
            await socket.SendAsync(new Join("elsewhere") { Token = token });
        },
        [ErrorCode.RoomFull] = async (node, socket) =>
        {
            await node.JoinAsync("r", Token(node, "r"));
            await socket.SendAsync(new Join("r") { Token = Token(node, "r") });
        },
        [ErrorCode.ResumeExpired] = (_, socket) => socket.SendAsync(new Join("r") { Resume = "guessed-and-wrong-and-long-enough-for-it" }),
        [ErrorCode.Malformed] = (_, socket) => socket.SendTextAsync("{\"type\":\"join\",\"room\":\"r\u0007\"}"),
        [ErrorCode.NotText] = (_, socket) => socket.Raw.SendAsync(new byte[3], WebSocketMessageType.Binary, true, CancellationToken.None),
        [ErrorCode.TooLarge] = (node, socket) =>
        {
            _ = socket.SendTextAsync(new string(' ', MessageReader.MaxBytes + 1));  // the node stops reading before its end
            return Task.CompletedTask;
        },
        [ErrorCode.JoinTimeout] = (node, _) =>
        {
            node.Wait(7);
            return Task.CompletedTask;
        },
        [ErrorCode.SlowMessage] = async (node, socket) =>
        {
            await socket.SendTextAsync("{\"type\":", last: false);
            await socket.SendTextAsync(" ", last: false);
            node.Wait(6.5);
        },
    };

    public static TheoryData<string> Codes => [.. Attacks.Keys];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task An_attack_is_refused_by_its_name_to_the_client_in_the_log_and_in_the_counter(string code)
    {
        await using OneNode node = new(new SignalingServerOptions { JwtSecret = Secret });
        using Counted counted = new(node.Metrics);
        (TestSocket ann, _) = await node.JoinAsync("r", Token(node, "r"));
        TestSocket attacker = node.Connect("203.0.113.66");
        Task<string> refused = RefusalAsync(attacker);
        await Attacks[code](node, attacker);

        Assert.Equal(code, await refused.WaitAsync(OneNode.Patience, TestContext.Current.CancellationToken));
        await node.Log.UntilAsync($"Refused: {code}, address ");
        Assert.Equal(1, counted.Errors(code));
        await ann.SendAsync(new Ping(5));
        while (await ann.ReadAnyAsync() is not Pong { Id: 5 })
        {
        }
    }

    [Fact]
    public async Task Frames_that_violate_the_WebSocket_protocol_are_answered_by_its_close_code_and_logged()
    {
        await using OneNode node = new();
        using Counted counted = new(node.Metrics);
        TestSocket socket = node.Connect();
        await socket.Raw.SendAsync(new byte[] { 0xC0, 0xAF }, WebSocketMessageType.Text, true, CancellationToken.None);  // overlong UTF-8
        Assert.Null(await socket.ReadAnyAsync());
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, socket.Raw.CloseStatus);
        await node.Log.UntilAsync($"Refused: {ErrorCode.Malformed}, address ");
        Assert.Equal(1, counted.Errors(ErrorCode.Malformed));
    }

    private static string Token(OneNode node, string room, string secret = Secret) => TokenIssuer.Issue(room, "somebody", TimeSpan.FromMinutes(1), secret, node.Time);

    private static async Task<string> RefusalAsync(TestSocket socket)
    {
        ErrorMessage error = await socket.ReadAsync<ErrorMessage>();
        Assert.True(error.Closes);
        Assert.True(error.Message.Length > 20, "a refusal says why and what to do");
        return error.Code;
    }

    /// <summary>The counter signaling.errors of one node, by code.</summary>
    private sealed class Counted : IDisposable
    {
        private readonly Dictionary<string, long> _errors = [];
        private readonly MeterListener _listener = new();

        public Counted(SignalingMetrics metrics)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument == metrics.Errors)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, amount, tags, _) =>
            {
                lock (_errors)
                {
                    string code = (string)tags[0].Value!;
                    _errors[code] = _errors.GetValueOrDefault(code) + amount;
                }
            });
            _listener.Start();
        }

        public long Errors(string code)
        {
            lock (_errors)
            {
                return _errors.GetValueOrDefault(code);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
