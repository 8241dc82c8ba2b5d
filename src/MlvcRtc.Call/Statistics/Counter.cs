namespace MlvcRtc.Call.Statistics;

/// <summary>A number that one thread raises and any thread reads.</summary>
internal sealed class Counter
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long amount = 1) => Interlocked.Add(ref _value, amount);
}
