using System.Diagnostics;
using System.Globalization;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.InteropTests.Deploy;

/// <summary>Two participants of a call who go on telling each other numbers, 1, 2, 3 ..., and complain when one is missing, comes twice or out of order.</summary>
internal sealed class TalkingPair(SignalingClient first, SignalingClient second) : IAsyncDisposable
{
    private readonly Side _first = new(first), _second = new(second);

    public static async Task<TalkingPair> Meet(SignalingClient first, SignalingClient second)
    {
        TalkingPair pair = new(first, second);
        await first.JoinAsync(TestContext.Current.CancellationToken);
        await second.JoinAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(pair._first.Met, pair._second.Met).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        return pair;
    }

    public IReadOnlyList<string> Complaints => [.. _first.Complaints, .. _second.Complaints];

    public (long Sent, long Received) Totals => (_first.Sent + _second.Sent, _first.Received + _second.Received);

    public void Speak()
    {
        _first.Speak();
        _second.Speak();
    }

    /// <summary>How long one more message in each direction takes from now.</summary>
    public async Task<TimeSpan> Exchange(TimeSpan limit)
    {
        long begun = Stopwatch.GetTimestamp();
        Task there = _second.Hears(_first.Speak()), back = _first.Hears(_second.Speak());
        Task both = Task.WhenAll(there, back);
        if (await Task.WhenAny(both, Task.Delay(limit, TimeProvider.System, TestContext.Current.CancellationToken)) != both)
        {
            throw new TimeoutException($"Nothing was heard within {limit.TotalSeconds} s; first: {_first}; second: {_second}");
        }

        return Stopwatch.GetElapsedTime(begun);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(first.DisposeAsync().AsTask(), second.DisposeAsync().AsTask());
        await Task.WhenAll(_first.Reading, _second.Reading);
    }

    private sealed class Side
    {
        private readonly SignalingClient _client;
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _guard = new();
        private readonly List<(long Number, TaskCompletionSource Heard)> _awaited = [];
        private readonly List<string> _complaints = [];
        private long _sent, _received;
        private string _last = "nothing happened";

        public Side(SignalingClient client)
        {
            _client = client;
            Reading = Read();
        }

        public Task Met => _met.Task;

        public Task Reading { get; }

        public long Sent => Volatile.Read(ref _sent);

        public long Received => Volatile.Read(ref _received);

        public IReadOnlyList<string> Complaints
        {
            get
            {
                lock (_guard)
                {
                    return [.. _complaints];
                }
            }
        }

        public override string ToString() => $"{Sent} sent, {Received} received, {string.Join(", ", Complaints.Append(_last))}";

        public long Speak()
        {
            lock (_guard)
            {
                string text = string.Create(CultureInfo.InvariantCulture, $"candidate:{_sent + 1} 1 udp 1 127.0.0.1 9 typ host");
                _sent += _client.Send(new Candidate(text)) ? 1 : 0;
                return _sent;
            }
        }

        public Task Hears(long number)
        {
            TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_guard)
            {
                if (_received >= number)
                {
                    heard.SetResult();
                }
                else
                {
                    _awaited.Add((number, heard));
                }
            }

            return heard.Task;
        }

        private async Task Read()
        {
            await foreach (SignalingEvent happened in _client.Events.ReadAllAsync())
            {
                _last = happened.ToString();
                switch (happened)
                {
                    case PeerArrived:
                        _met.TrySetResult();
                        break;
                    case MessageArrived { Message: Candidate { Line: var text } }:
                        Hear(long.Parse(text.AsSpan("candidate:".Length, text.IndexOf(' ', StringComparison.Ordinal) - "candidate:".Length), provider: CultureInfo.InvariantCulture));
                        break;
                    case PeerGone gone:
                        Complain($"the other was taken for gone: {gone.Reason}");
                        break;
                    case SignalingEnded { Code: not SignalingClient.Left } ended:
                        Complain($"ended: {ended.Code}, {ended.Message}");
                        break;
                    default:
                        break;
                }
            }
        }

        private void Hear(long number)
        {
            lock (_guard)
            {
                if (number != _received + 1)
                {
                    _complaints.Add($"{number} came after {_received}");
                }

                _received = number;
                foreach ((long awaited, TaskCompletionSource heard) in _awaited)
                {
                    if (awaited <= number)
                    {
                        heard.TrySetResult();
                    }
                }

                _awaited.RemoveAll(one => one.Number <= number);
            }
        }

        private void Complain(string complaint)
        {
            lock (_guard)
            {
                _complaints.Add(complaint);
            }
        }
    }
}
