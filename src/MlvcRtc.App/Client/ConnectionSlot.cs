namespace MlvcRtc.App.Client;

/// <summary>One connection of a kind at a time: a newer one tells the older to end, and begins when that has. Safe for concurrent use.</summary>
/// <param name="closeTime">Between telling a connection to end and cutting it.</param>
internal sealed class ConnectionSlot(TimeSpan closeTime, TimeProvider time)
{
    private readonly Lock _guard = new();
    private Holder? _holder;

    /// <summary>Serves when it is our turn.</summary>
    /// <param name="close">Tells the other end why it is over; called at most once.</param>
    /// <param name="serve">Until its token is cancelled, or by itself.</param>
    public async Task RunAsync(Action<string> close, Func<CancellationToken, Task> serve, CancellationToken cancel)
    {
        using CancellationTokenSource cut = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Holder mine = new(close, cut);
        Holder? before;
        lock (_guard)
        {
            (before, _holder) = (_holder, mine);
        }

        try
        {
            if (before is not null)
            {
                before.End("taken over", closeTime, time);
                await before.Ended;
            }

            if (!cut.IsCancellationRequested)
            {
                await serve(cut.Token);
            }
        }
        finally
        {
            lock (_guard)
            {
                _holder = _holder == mine ? null : _holder;
            }

            mine.Over();
        }
    }

    /// <summary>Ends what there is.</summary>
    public void End(string reason)
    {
        Holder? holder;
        lock (_guard)
        {
            holder = _holder;
        }

        holder?.End(reason, closeTime, time);
    }

    private sealed class Holder(Action<string> close, CancellationTokenSource cut)
    {
        private readonly Lock _guard = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ITimer? _timer;
        private bool _told;
        private bool _over;

        public Task Ended => _ended.Task;

        public void End(string reason, TimeSpan closeTime, TimeProvider time)
        {
            lock (_guard)
            {
                if (_told || _over)
                {
                    return;
                }

                _told = true;
                if (closeTime > TimeSpan.Zero)
                {
                    _timer = time.CreateTimer(_ => Cut(), null, closeTime, Timeout.InfiniteTimeSpan);
                }
            }

            close(reason);
            if (closeTime == TimeSpan.Zero)
            {
                Cut();
            }
        }

        public void Over()
        {
            lock (_guard)
            {
                _over = true;
                _timer?.Dispose();
            }

            _ended.SetResult();
        }

        private void Cut()
        {
            lock (_guard)
            {
                if (!_over)
                {
                    cut.CancelAsync();
                }
            }
        }
    }
}
