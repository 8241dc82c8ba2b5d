namespace MlvcRtc.Signaling.Messages;

/// <summary>Names of rooms: 1 to 64 characters of A-Z a-z 0-9 . _ ~ - (the unreserved ones of RFC 3986 §2.3, so that a name fits into links, keys and logs as it is).</summary>
public static class RoomName
{
    public const int MaxLength = 64;

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-");

    public static bool IsValid(string? room) => Problem(room) is null;

    /// <summary>What is wrong with the name, for people; null = nothing.</summary>
    public static string? Problem(string? room) =>
        string.IsNullOrEmpty(room) || room.Length > MaxLength || room.AsSpan().ContainsAnyExcept(Alphabet)
            ? $"A room name has 1 to {MaxLength} characters of A-Z a-z 0-9 . _ ~ - and nothing else."
            : null;
}
