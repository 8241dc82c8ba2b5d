namespace MlvcRtc.WebRtc.Stun;

/// <summary>The method bits of a message type (RFC 8489 §18.2, RFC 8656 §17).</summary>
internal enum StunMethod
{
    Binding = 0x001,
    Allocate = 0x003,
    Refresh = 0x004,
    Send = 0x006,
    Data = 0x007,
    CreatePermission = 0x008,
    ChannelBind = 0x009,
}

/// <summary>The two class bits of a message type (RFC 8489 §5).</summary>
internal enum StunClass
{
    Request = 0,
    Indication = 1,
    Success = 2,
    Error = 3,
}

/// <summary>Attribute types; below 0x8000 a receiver must understand them (RFC 8489 §18.3, RFC 8656 §18, RFC 8445 §16.1).</summary>
internal enum StunAttribute
{
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    ChannelNumber = 0x000C,
    Lifetime = 0x000D,
    XorPeerAddress = 0x0012,
    Data = 0x0013,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorRelayedAddress = 0x0016,
    RequestedAddressFamily = 0x0017,
    RequestedTransport = 0x0019,
    MessageIntegritySha256 = 0x001C,
    PasswordAlgorithm = 0x001D,
    Userhash = 0x001E,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Software = 0x8022,
    AlternateServer = 0x8023,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
}

/// <summary>Error codes that decide something here (RFC 8489 §14.8, RFC 8445 §16.2, RFC 8656 §19).</summary>
internal static class StunError
{
    public const int TryAlternate = 300;
    public const int Unauthenticated = 401;
    public const int UnknownAttribute = 420;
    public const int AllocationMismatch = 437;
    public const int StaleNonce = 438;
    public const int AllocationQuotaReached = 486;
    public const int RoleConflict = 487;
    public const int InsufficientCapacity = 508;
}
