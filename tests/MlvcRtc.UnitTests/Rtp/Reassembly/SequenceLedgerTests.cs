using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp.Reassembly;

public sealed class SequenceLedgerTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3 }, 0)]
    [InlineData(new[] { 1, 4 }, 2)]
    [InlineData(new[] { 1, 4, 2 }, 1)]               // overtaken, not lost
    [InlineData(new[] { 1, 4, 4, 1, 4 }, 2)]         // coming twice makes up for nothing
    [InlineData(new[] { 65534, 1 }, 2)]              // 65535 and 0
    [InlineData(new[] { 5, 4, 3 }, 0)]               // what came before the first is nobody's loss
    [InlineData(new[] { 10, 30_000, 11, 12 }, 0)]    // one stray number
    [InlineData(new[] { 10, 3010, 3011 }, 2999)]     // an outage
    public void What_did_not_come_is_counted_once(int[] numbers, int lost)
    {
        SequenceLedger ledger = new();
        foreach (int number in numbers)
        {
            ledger.Add((ushort)number);
        }

        Assert.Equal(lost, ledger.Lost);
    }
}
