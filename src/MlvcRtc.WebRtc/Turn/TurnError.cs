using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>What a server's refusal means and what helps (RFC 8656 §19, RFC 8489 §14.8).</summary>
internal static class TurnError
{
    public static string Explain(StunMethod method, int code) => code switch
    {
        StunError.TryAlternate => "300: the server wants another one to be used. Name that server in IceServers.",
        400 => "400: the server does not understand the request; it may not be a TURN server.",
        StunError.Unauthenticated => "401: the server refuses the user name or credential. Temporary credentials may have expired: get new ones.",
        403 => "403: the server forbids relaying to this address. Allow it in the server's configuration.",
        StunError.UnknownAttribute => "420: the server does not know an attribute of RFC 8656. Update the server.",
        StunError.AllocationMismatch when method == StunMethod.Allocate => "437: the server still has an allocation from this address. Try again in a minute.",
        StunError.AllocationMismatch => "437: the server has lost the allocation, perhaps by a restart. Restart ICE.",
        StunError.StaleNonce => "438: the server keeps refusing its own nonces. Check the server's clock and configuration.",
        440 => "440: the server has no relay addresses of this family.",
        442 => "442: the server relays no UDP. Allow it in the server's configuration.",
        StunError.AllocationQuotaReached => "486: this user has reached its quota of allocations. Raise the quota, or end other calls.",
        StunError.InsufficientCapacity => "508: the server has no relay ports left. Widen its port range, or use another server.",
        0 => "no answer, or one that cannot be read. Check address, port and firewall.",
        _ => $"{code}: the server refused {method}.",
    };
}
