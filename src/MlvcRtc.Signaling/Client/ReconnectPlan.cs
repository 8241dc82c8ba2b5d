namespace MlvcRtc.Signaling.Client;

/// <summary>Which server is tried when. Every server once at once, since one of them may just have died; then with growing pauses, scattered so that not all clients of a dead node come at the same instants.</summary>
internal sealed class ReconnectPlan(IReadOnlyList<Uri> servers, Random random)
{
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private int _index;
    private int _attempts;

    /// <summary>The server to try now.</summary>
    public Uri Server => servers[_index];

    /// <summary>The present server works: the next search begins with it.</summary>
    public void Succeeded() => _attempts = 0;

    /// <summary>The present server said it is going: the search begins with the next.</summary>
    public void Avoid() => _index = (_index + 1) % servers.Count;

    /// <summary>The attempt failed; how long to wait before the next one, with the next server.</summary>
    public TimeSpan Failed()
    {
        _attempts++;
        Avoid();
        int rounds = _attempts - servers.Count;
        if (rounds < 0)
        {
            return TimeSpan.Zero;
        }

        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(rounds, 10));
        return (pause < LongestPause ? pause : LongestPause) * (0.5 + (0.5 * random.NextDouble()));
    }
}
