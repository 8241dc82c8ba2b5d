using System.Buffers.Text;
using System.Security.Cryptography;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.Signaling.Serving;

/// <summary>A seat, or why there is none.</summary>
/// <param name="Code">Null = admitted.</param>
internal sealed record Admitted(string? Code, string? Message)
{
    public RoomChange? Change { get; init; }

    public bool Resumed { get; init; }

    public string ResumeToken { get; init; } = "";

    /// <summary>Of the token's subject; null in open mode. One connection is taken from it.</summary>
    public Allowance? Subject { get; init; }
}

/// <summary>Decides about joins: token, limits, replay, seat, in this order, so that the store is asked only by those who may.</summary>
/// <param name="verifier">Null = open.</param>
internal sealed class Admission(TokenVerifier? verifier, AllowanceTable subjects, IRoomStore store, TimeProvider time)
{
    /// <exception cref="RoomStoreException">The store did not answer.</exception>
    public ValueTask<Admitted> AdmitAsync(Join join, Allowance address, SeatAddress socket)
    {
        if (!address.TryJoin(time.GetElapsedTime(0)))
        {
            return ValueTask.FromResult(TooFast);
        }

        return join.Resume is { } resume ? ResumeAsync(join.Room, resume, address, socket) : TakeSeatAsync(join, address, socket);
    }

    private async ValueTask<Admitted> TakeSeatAsync(Join join, Allowance address, SeatAddress socket)
    {
        TokenVerdict? verdict = null;
        if (verifier is not null)
        {
            if (join.Token is null)
            {
                return Refused(ErrorCode.TokenRequired, "This server admits holders of tokens only. Get one from whoever runs it (mlvcrtc-server token) and put it into \"token\".");
            }

            verdict = verifier.Verify(join.Token, join.Room);
            if (verdict.Code is not null)
            {
                return Refused(verdict.Code, verdict.Message!);
            }
        }

        string attempt = RoomRules.HashOf(join.Attempt ?? Secret());
        if (!TryEnter(join.Room, verdict?.Subject, address, out Allowance? subject, out Admitted? refusal))
        {
            return refusal!;
        }

        bool admitted = false;
        try
        {
            if (verdict?.TokenId is { } token && !await store.ClaimTokenAsync(token, attempt, RoomRules.Lease, CancellationToken.None).ConfigureAwait(false))
            {
                return Refused(ErrorCode.TokenReplayed, "Somebody is using this token already. Each participant needs a token of its own; a dropped one comes back with its resume token.");
            }

            string resumeToken = Secret();
            Seat seat = new(Id(), RoomRules.HashOf(resumeToken), attempt, socket, default) { Name = join.Name, TokenId = verdict?.TokenId, Subject = verdict?.Subject };
            RoomChange change = await store.UpdateAsync(join.Room, (state, now) => RoomRules.Join(state, now, seat), CancellationToken.None).ConfigureAwait(false);
            if (change.Status == RoomStatus.Full)
            {
                await ReleaseAsync(verdict?.TokenId, attempt).ConfigureAwait(false);
                return Refused(ErrorCode.RoomFull, $"Two are in this room. Wait until one leaves (a dropped one keeps its seat for {RoomRules.ResumeWindow.TotalSeconds} s), or use another room.") with { Change = change };
            }

            admitted = true;
            return new Admitted(null, null) { Change = change, ResumeToken = resumeToken, Subject = subject };
        }
        finally
        {
            if (!admitted)
            {
                Exit(join.Room, address, subject);
            }
        }
    }

    private async ValueTask<Admitted> ResumeAsync(string room, string resumeToken, Allowance address, SeatAddress socket)
    {
        RoomChange change = await store.UpdateAsync(room, (state, now) => RoomRules.Resume(state, now, resumeToken, socket), CancellationToken.None).ConfigureAwait(false);
        if (change.Status != RoomStatus.Ok)
        {
            return Refused(ErrorCode.ResumeExpired, $"No seat waits for this resume token: it was away for more than {RoomRules.ResumeWindow.TotalSeconds} s, or this server never gave it. Join afresh.") with { Change = change };
        }

        // The limits of rooms and of the subject are looked at when a seat is taken, not when it is taken up again; counted they are.
        address.Enter(room);
        Allowance? subject = change.Seat!.Subject is { } key ? subjects.Connect(key) : null;
        subject?.Enter(room);
        if (change.Seat.TokenId is { } token)
        {
            try
            {
                await store.ClaimTokenAsync(token, change.Seat.AttemptHash, RoomRules.Lease, CancellationToken.None).ConfigureAwait(false);
            }
            catch (RoomStoreException)
            {
                Exit(room, address, subject);  // or an outage of the store would use the limits up for good
                throw;
            }
        }

        return new Admitted(null, null) { Change = change, Resumed = true, ResumeToken = resumeToken, Subject = subject };
    }

    /// <summary>Gives back what an admission took from the limits.</summary>
    public void Exit(string room, Allowance address, Allowance? subject)
    {
        address.Leave(room);
        subject?.Leave(room);
        subject?.Disconnect(time.GetElapsedTime(0));
    }

    private bool TryEnter(string room, string? key, Allowance address, out Allowance? subject, out Admitted? refusal)
    {
        subject = null;
        refusal = null;
        if (!address.TryEnter(room))
        {
            refusal = Refused(ErrorCode.TooManyRooms, "Too many rooms from this address. Leave some, or ask whoever runs the server for more.");
            return false;
        }

        if (key is null)
        {
            return true;
        }

        subject = subjects.TryConnect(key);
        if (subject is null)
        {
            address.Leave(room);
            refusal = Refused(ErrorCode.TooManyConnections, "Too many connections with tokens of this subject. Close some.");
            return false;
        }

        refusal = !subject.TryJoin(time.GetElapsedTime(0)) ? TooFast : null;
        if (refusal is null && subject.TryEnter(room))
        {
            return true;
        }

        refusal ??= Refused(ErrorCode.TooManyRooms, "Too many rooms with tokens of this subject. Leave some.");
        subject.Disconnect(time.GetElapsedTime(0));
        address.Leave(room);
        return false;
    }

    private async ValueTask ReleaseAsync(string? token, string attempt)
    {
        if (token is not null)
        {
            await store.ReleaseTokenAsync(token, attempt, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static readonly Admitted TooFast = Refused(ErrorCode.RateLimited, "Too many attempts to join in too short a time. Wait some seconds.");

    private static Admitted Refused(string code, string message) => new(code, message);

    /// <summary>Public, unique: 96 bits.</summary>
    private static string Id() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));

    /// <summary>256 bits.</summary>
    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
