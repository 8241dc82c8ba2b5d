using BenchmarkDotNet.Attributes;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Benchmarks;

/// <summary>rANS of as many symbols as a frame of 640x368 has (48 x 23 x 40), most of them zero; the coder in use and the plain one.</summary>
[BenchmarkCategory("entropy")]
public class EntropyKernels
{
    private const int Symbols = 48 * 23 * 40, Tables = 64;

    private readonly RansEncoder _encoder = new();
    private readonly int[] _values = new int[Symbols];
    private readonly int[] _read = new int[Symbols];
    private readonly short[] _indices = new short[Symbols];
    private FrequencyTables _tables = null!;
    private byte[] _bytes = [];

    [GlobalSetup]
    public void Prepare()
    {
        // -1, 0, 1 and the escape.
        int[] row = [6000, 53_000, 6000, 536];
        _tables = FrequencyTables.Build(
            [.. Enumerable.Repeat(4, Tables)], [.. Enumerable.Repeat(1, Tables)], [.. Enumerable.Repeat(row, Tables).SelectMany(frequencies => frequencies)]);
        Random random = new(1);
        for (int k = 0; k < Symbols; k++)
        {
            int drawn = random.Next(65_536);
            _values[k] = drawn < 6000 ? -1 : drawn < 12_000 ? 1 : 0;
            _indices[k] = (short)random.Next(Tables);
        }

        _bytes = RansPlain.Encode(_tables, _values, _indices);
    }

    [Benchmark]
    public int Encode()
    {
        _encoder.Start();
        _encoder.Put(_tables, _values, _indices);
        return _encoder.Finish().Length;
    }

    [Benchmark]
    public int Encode_plainly() => RansPlain.Encode(_tables, _values, _indices).Length;

    [Benchmark]
    public EntropyStatus Decode()
    {
        RansDecoder decoder = new(_bytes);
        decoder.Take(_tables, _read, _indices);
        return decoder.Finish();
    }

    [Benchmark]
    public EntropyStatus Decode_plainly() => RansPlain.Decode(_tables, _bytes, _read, _indices);
}
