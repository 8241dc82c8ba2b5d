using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>What arrives: checks of the other side, and answers to ours (RFC 8445 §§7.2.5, 7.3).</summary>
internal sealed partial class IceSession
{
    /// <summary>A STUN message arrived at the base. False: it is not of this generation, and nothing changed.</summary>
    public bool Receive(LocalBase localBase, TransportAddress from, StunMessage message, TimeSpan now)
    {
        bool ours = message.Method == StunMethod.Binding && message.Class switch
        {
            StunClass.Request => ReceiveRequest(localBase, from, message, now),
            StunClass.Success or StunClass.Error => ReceiveAnswer(localBase, from, message, now),
            _ => false,
        };
        if (ours)
        {
            Advance(now);
        }

        return ours;
    }

    private bool ReceiveRequest(LocalBase localBase, TransportAddress from, StunMessage request, TimeSpan now)
    {
        if (!request.HasValidFingerprint()
            || !request.TryGet(StunAttribute.Username, out ReadOnlySpan<byte> username)
            || !CheckMessages.IsFor(username, Local.UsernameFragment, _remote?.UsernameFragment)
            || !request.IsFrom(_localKey)
            || !request.TryGetUInt32(StunAttribute.Priority, out uint priority))
        {
            return false;  // the agent counts it; an answer would only help who guesses
        }

        if (request.FirstUnknownRequired() is { } unknown)
        {
            localBase.Send(from, CheckMessages.Error(_buffer, request.Transaction, StunError.UnknownAttribute, "Unknown Attribute", _localKey, unknown));
            return true;
        }

        if (_remote is not null && LosesRoleConflict(request))
        {
            localBase.Send(from, CheckMessages.Error(_buffer, request.Transaction, StunError.RoleConflict, "Role Conflict", _localKey));
            return true;
        }

        localBase.Send(from, CheckMessages.Success(_buffer, request.Transaction, from, _localKey));
        if (Learn(localBase, from, priority) is not { } pair)
        {
            return true;
        }

        _failure.Progress(now);
        bool nominated = request.Has(StunAttribute.UseCandidate) && !Controlling;
        if (pair.State == PairState.Succeeded)
        {
            if (nominated)
            {
                Consider(pair, now);
            }

            return true;
        }

        pair.Requested |= nominated;
        // A check of ours may be under way and lost, for the way has just opened: we ask again at the next opportunity, unless the answer comes first.
        pair.State = pair.State == PairState.InProgress ? PairState.InProgress : PairState.Waiting;
        _list.Trigger(pair);
        return true;
    }

    /// <summary>RFC 8445 §7.3.1.1. True: the other side has to give in.</summary>
    private bool LosesRoleConflict(StunMessage request)
    {
        StunAttribute sameRole = Controlling ? StunAttribute.IceControlling : StunAttribute.IceControlled;
        if (!request.TryGetUInt64(sameRole, out ulong theirs))
        {
            return false;
        }

        bool largest = tieBreaker >= theirs;
        if (largest == Controlling)
        {
            return true;
        }

        SwitchRole();
        return false;
    }

    private void SwitchRole()
    {
        Controlling = !Controlling;
        _list.Rank(Controlling);
    }

    /// <summary>The pair that a request came over; what is unknown becomes a peer-reflexive candidate (RFC 8445 §7.3.1.3).</summary>
    private CandidatePair? Learn(LocalBase localBase, TransportAddress from, uint priority)
    {
        if (_list.Find(localBase, from) is { } known)
        {
            return known;
        }

        IceCandidate? remote = _remotes.Find(candidate => candidate.Address == from);
        if (remote is null)
        {
            if (_remotes.Count >= MaxCandidates)
            {
                return null;
            }

            remote = new IceCandidate($"prflx{_peerReflexives++}", priority, from, CandidateType.PeerReflexive);
            _remotes.Add(remote);
        }

        int at = _locals.FindIndex(candidate => ReferenceEquals(candidate.Base, localBase));
        return at < 0 ? null : _list.Add(_locals[at].Candidate, localBase, remote, Controlling);
    }

    private bool ReceiveAnswer(LocalBase localBase, TransportAddress from, StunMessage answer, TimeSpan now)
    {
        if (!_checks.TryGetValue(answer.Transaction, out Check? check)
            || !answer.IsFrom(_remoteKey)
            || !answer.HasValidFingerprint())
        {
            return false;
        }

        _checks.Remove(answer.Transaction);
        CandidatePair pair = check.Pair;
        if (answer.Class == StunClass.Error && answer.ErrorCode() == StunError.RoleConflict)
        {
            // Once per conflict: other checks of the same moment are refused too.
            if (!check.Superseded)
            {
                SwitchRole();
                SupersedeAll();
            }

            pair.State = PairState.Waiting;
            _list.Trigger(pair);
            return true;
        }

        // RFC 8445 §7.2.5.2.1: an answer from elsewhere, or to elsewhere, fails the pair.
        if (answer.Class == StunClass.Error
            || !pair.Joins(localBase, from)
            || !answer.TryGetXorAddress(StunAttribute.XorMappedAddress, out TransportAddress mapped))
        {
            if (!check.ForConsent)
            {
                pair.State = PairState.Failed;
            }

            return true;
        }

        if (check.SentOnce)
        {
            pair.RoundTripTime = now - check.SentAt;
        }

        Succeed(pair, mapped, now);
        if (ReferenceEquals(pair, Selected))
        {
            Consent!.Answered(check.SentAt, now);
            _revived = false;
        }

        if (Controlling ? check.Nominates && !check.ForConsent : pair.Requested)
        {
            Consider(pair, now);
        }

        return true;
    }

    /// <summary>Checks of the old role are not repeated.</summary>
    private void SupersedeAll()
    {
        foreach (Check check in _checks.Values)
        {
            check.Superseded = true;
            if (!check.ForConsent && check.Pair.State == PairState.InProgress)
            {
                check.Pair.State = PairState.Waiting;
                _list.Trigger(check.Pair);
            }
        }
    }
}
