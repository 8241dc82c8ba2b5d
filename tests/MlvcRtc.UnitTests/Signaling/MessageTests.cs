using System.Text;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.UnitTests.Signaling;

public sealed class MessageTests
{
    public static TheoryData<string, SignalMessage> Golden => new()
    {
        { """{"type":"join","room":"r","token":"t","name":"Ann"}""", new Join("r") { Token = "t", Name = "Ann" } },
        { """{"type":"peer-joined","peer":{"peerId":"b","name":"Bob"}}""", new PeerJoined(new PeerInfo("b") { Name = "Bob" }) },
        { """{"type":"peer-resumed","peerId":"b"}""", new PeerResumed("b") },
        { """{"type":"peer-left","peerId":"b","reason":"bye"}""", new PeerLeft("b", "bye") },
        { """{"type":"offer","sdp":"v=0\r\n","seq":1,"to":"b"}""", new Offer("v=0\r\n", 1) { To = "b" } },
        { """{"type":"answer","sdp":"v=0\r\n","seq":2,"to":"b","from":"a"}""", new Answer("v=0\r\n", 2) { To = "b", From = "a" } },
        { """{"type":"candidate","candidate":"candidate:1 1 udp 1 192.0.2.1 9 typ host","mid":"0","ufrag":"x+y/","seq":3,"to":"b"}""", new Candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", 3) { Mid = "0", Ufrag = "x+y/", To = "b" } },
        { """{"type":"end-of-candidates","seq":4,"to":"b"}""", new EndOfCandidates(4) { To = "b" } },
        { """{"type":"ack","seq":4,"to":"b"}""", new Ack(4) { To = "b" } },
        { """{"type":"ice-servers-request"}""", new IceServersRequest() },
        { """{"type":"ping","id":7}""", new Ping(7) },
        { """{"type":"pong","id":7}""", new Pong(7) },
        { """{"type":"bye"}""", new Bye() },
        { """{"type":"going-away","afterMs":12}""", new GoingAway(12) },
        { """{"type":"error","code":"room-full","message":"m","closes":true}""", new ErrorMessage("room-full", "m") { Closes = true } },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Each_message_is_written_and_read_as_documented(string json, SignalMessage message)
    {
        Assert.Equal(ReadStatus.Ok, Read(json, out SignalMessage? read));
        Assert.Equal(message, read);
        Assert.Equal(ReadStatus.Ok, Read(Encoding.UTF8.GetString(MessageWriter.Write(message)), out SignalMessage? back));
        Assert.Equal(message, back);
        Assert.StartsWith(json[..json.IndexOfAny([',', '}'])], Encoding.UTF8.GetString(MessageWriter.Write(message)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_seat_is_written_and_read_as_documented()
    {
        const string json = """{"type":"joined","peerId":"a","resumeToken":"s","polite":true,"peers":[{"peerId":"b"}],"iceServers":[{"urls":["stun:s"]},{"urls":["turn:t"],"username":"1:a","credential":"p"}],"resumed":false,"iceServersTtl":600}""";
        Assert.Equal(ReadStatus.Ok, Read(json, out SignalMessage? message));
        Joined seat = Assert.IsType<Joined>(message);
        Assert.Equal("b", seat.Peers[0].PeerId);
        Assert.Equal("1:a", seat.IceServers[1].Username);
        Assert.Equal(600, seat.IceServersTtl);
        Assert.Equal(json.Length, MessageWriter.Write(seat).Length);
        Assert.DoesNotContain("\"s\"", seat.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":null}""")]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("""{"type":"ping","id":null}""")]
    [InlineData("""{"type":"ping","id":1.5}""")]
    [InlineData("""{"type":"ping","id":1e40}""")]
    [InlineData("""{"type":"ping","id":1}{""")]
    [InlineData("""{"type":"ping","type":"ping","id":1}""")]
    [InlineData("""{"type":"offer","sdp":"v=0","seq":0}""")]
    [InlineData("""{"type":"offer","sdp":null,"seq":1}""")]
    [InlineData("""{"type":"offer","sdp":"","seq":1}""")]
    [InlineData("""{"type":"offer","sdp":"\u0000","seq":1}""")]
    [InlineData("""{"type":"offer","sdp":"\ud800","seq":1}""")]
    [InlineData("""{"type":"\ud800"}""")]
    [InlineData("""{"type":"ack","seq":-1}""")]
    [InlineData("""{"type":"join","room":"../etc"}""")]
    [InlineData("""{"type":"join","room":"r","name":"a\u001b[2J"}""")]
    [InlineData("""{"type":"join","room":"r","attempt":"guessable"}""")]
    [InlineData("""{"type":"joined","peerId":"a","resumeToken":"s","polite":true,"peers":[null],"iceServers":[]}""")]
    [InlineData("""{"type":"joined","peerId":"a","resumeToken":"s","polite":true,"peers":[],"iceServers":[{"urls":[null]}]}""")]
    [InlineData("""{"type":"joined","peerId":"a","resumeToken":"s","polite":true,"peers":[],"iceServers":[null]}""")]
    public void What_does_not_fit_its_type_is_malformed(string json) => Assert.Equal(ReadStatus.Malformed, Read(json, out _));

    [Fact]
    public void Well_formed_messages_of_unknown_type_are_told_from_malformed_ones()
    {
        Assert.Equal(ReadStatus.UnknownType, Read("""{"a":[{"type":"ping"}],"type":"wave"}""", out _));
        Assert.Equal(ReadStatus.Malformed, Read("""{"type":"wave","a":}""", out _));
    }

    [Fact]
    public void Texts_at_their_limit_pass_and_one_more_does_not()
    {
        Assert.Equal(ReadStatus.Ok, Read($$"""{"type":"join","room":"{{new string('r', 64)}}"}""", out _));
        Assert.Equal(ReadStatus.Malformed, Read($$"""{"type":"join","room":"{{new string('r', 65)}}"}""", out _));
        Assert.Equal(ReadStatus.TooLarge, Read(new string(' ', MessageReader.MaxBytes + 1), out _));
    }

    private static ReadStatus Read(string json, out SignalMessage? message)
    {
        ReadStatus status = MessageReader.TryRead(Encoding.UTF8.GetBytes(json), out message, out string? problem);
        Assert.Equal(status is ReadStatus.Ok or ReadStatus.UnknownType, problem is null);
        Assert.Equal(status == ReadStatus.Ok, message is not null);
        return status;
    }
}
