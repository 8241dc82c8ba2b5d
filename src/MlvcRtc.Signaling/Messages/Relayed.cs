namespace MlvcRtc.Signaling.Messages;

/// <summary>A message from one participant to the other. The server checks it, fills in <see cref="From"/> and passes it on.</summary>
public abstract record RelayedMessage : SignalMessage
{
    /// <summary>The peer id it is meant for; a message for somebody who has left is dropped.</summary>
    public string? To { get; init; }

    /// <summary>The sender's peer id, set by the server; whatever a client writes here is overwritten.</summary>
    public string? From { get; init; }

    internal override string? Problem() => TextLimits.Problem("to", To, TextLimits.Id) ?? TextLimits.Problem("from", From, TextLimits.Id);
}

/// <summary>
/// A relayed message that must not be lost: the sender counts from 1 for each peer id it talks to, repeats what is not acknowledged, and the
/// receiver takes each number once and in order.
/// </summary>
/// <param name="Seq">1, 2, 3 ...</param>
public abstract record NumberedMessage(long Seq) : RelayedMessage
{
    internal override string? Problem() => Seq < 1 ? "\"seq\" must be 1 or more." : base.Problem();
}

/// <summary>RFC 3264, RFC 9429.</summary>
public sealed record Offer(string Sdp, long Seq = 1) : NumberedMessage(Seq)
{
    internal override string? Problem() => TextLimits.Required("sdp", Sdp, TextLimits.Sdp, multiline: true) ?? base.Problem();
}

/// <summary>RFC 3264, RFC 9429.</summary>
public sealed record Answer(string Sdp, long Seq = 1) : NumberedMessage(Seq)
{
    internal override string? Problem() => TextLimits.Required("sdp", Sdp, TextLimits.Sdp, multiline: true) ?? base.Problem();
}

/// <summary>Trickle ICE (RFC 8838, RFC 8840; W3C RTCIceCandidateInit).</summary>
/// <param name="Line">From "candidate:" on; on the wire "candidate".</param>
public sealed record Candidate([property: System.Text.Json.Serialization.JsonPropertyName("candidate")] string Line, long Seq = 1) : NumberedMessage(Seq)
{
    /// <summary>Which m-line (RFC 5888).</summary>
    public string? Mid { get; init; }

    /// <summary>The ICE generation; null = the current one.</summary>
    public string? Ufrag { get; init; }

    internal override string? Problem() =>
        TextLimits.Required("candidate", Line, TextLimits.Candidate)
        ?? TextLimits.Problem("mid", Mid, TextLimits.Id)
        ?? TextLimits.Problem("ufrag", Ufrag, TextLimits.Ufrag)
        ?? base.Problem();
}

/// <summary>No more candidates in this generation (RFC 8838 §13).</summary>
public sealed record EndOfCandidates(long Seq = 1) : NumberedMessage(Seq)
{
    public string? Mid { get; init; }

    public string? Ufrag { get; init; }

    internal override string? Problem() =>
        TextLimits.Problem("mid", Mid, TextLimits.Id) ?? TextLimits.Problem("ufrag", Ufrag, TextLimits.Ufrag) ?? base.Problem();
}

/// <summary>Receiver to sender, end to end: I have everything up to this number. Not numbered itself: a lost one is made good by the next.</summary>
/// <param name="Seq">0 = nothing yet.</param>
public sealed record Ack(long Seq) : RelayedMessage
{
    internal override string? Problem() => Seq < 0 ? "\"seq\" must not be negative." : base.Problem();
}
