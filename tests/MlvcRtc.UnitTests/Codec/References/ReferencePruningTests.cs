using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.References;

namespace MlvcRtc.UnitTests.Codec.References;

public sealed class ReferencePruningTests
{
    [Fact]
    public void The_table_and_the_newest_of_each_layer_stay()
    {
        // Held before base frame 12: slots 0 and 6, base 10, layer 1: 9 and 11.
        Assert.Equal("0 6 11", Keep(12, 0, [0, -1, 6], (0, 0), (6, 0), (9, 1), (10, 0), (11, 1)));
    }

    [Fact]
    public void A_frame_of_layer_1_leaves_the_newest_base_frame() => Assert.Equal("12", Keep(13, 1, [], (12, 0), (11, 1)));

    [Fact]
    public void What_the_table_names_but_is_not_held_changes_nothing() => Assert.Equal("", Keep(12, 0, [3, 4, 5], (11, 0)));

    [Fact]
    public void After_a_lost_base_frame_the_newest_is_the_newest_received() => Assert.Equal("", Keep(14, 0, [], (10, 0)));

    [Fact]
    public void A_held_frame_of_the_same_index_gives_way() => Assert.Equal("", Keep(12, 0, [12], (12, 0)));

    [Fact]
    public void An_idr_drops_all_even_what_its_table_names()
    {
        FrameHeader idr = new(NaluType.IdrNLp, 0, 26, 0, 0, false, Table([0, 7]));

        Assert.Equal(0u, ReferencePruning.Keep([new(7, 0), new(8, 1)], idr, new(10)));
    }

    [Fact]
    public void Newest_and_stale_are_told_around_the_end_of_the_index_space()
    {
        Assert.Equal("65534", Keep(2, 0, [], 16, (65532, 1), (65534, 1), (0, 0)));
        Assert.Equal("32771", Keep(2, 0, [32770, 32771], 16, (32770, 0), (32771, 0)));
    }

    [Fact]
    public void More_states_than_the_rule_can_leave_are_a_mistake_of_the_caller()
    {
        HeldFrame[] held = new HeldFrame[33];

        Assert.Throws<ArgumentException>(() => ReferencePruning.Keep(held, default, new(10)));
    }

    private static string Keep(int index, int layer, int[] table, params (int Index, int Layer)[] held) => Keep(index, layer, table, 10, held);

    private static string Keep(int index, int layer, int[] table, int bits, params (int Index, int Layer)[] held)
    {
        FrameHeader header = new(layer > 0 ? NaluType.TsaR : NaluType.TrailR, layer, 26, index, 0, false, Table(table));
        uint keep = ReferencePruning.Keep([.. held.Select(frame => new HeldFrame(frame.Index, frame.Layer))], header, new(bits));
        return string.Join(' ', held.Where((_, i) => (keep >> i & 1) != 0).Select(frame => frame.Index));
    }

    private static LtrTable Table(int[] indices)
    {
        LtrTable table = default;
        for (int slot = 0; slot < indices.Length; slot++)
        {
            table[slot] = indices[slot];
        }

        return table;
    }
}
