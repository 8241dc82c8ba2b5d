using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.UnitTests.Codec.Inference;

public sealed class SymbolTensorsTests
{
    private static readonly LatentShape Shape = LatentShape.Of(320, 192, 8, 8, 16, 4, 1);

    [Theory]
    [InlineData(ElementType.Float32, 32767)]
    [InlineData(ElementType.Float16, 2048)]
    public void IntegersSurviveTheWayThroughTheGraphsFloats(ElementType type, int largest)
    {
        using SymbolTensors symbols = new(Shape, type);
        Random random = new(3);
        foreach (ref int symbol in symbols.Y0)
        {
            symbol = random.Next(-largest, largest + 1);
        }

        int[] sent = symbols.Y0.ToArray();
        Assert.True(symbols.TryWriteTensors());
        symbols.Y0.Clear();
        symbols.ReadTensors();

        Assert.Equal(sent, symbols.Y0.ToArray());
    }

    [Theory]
    [InlineData(32768)]
    [InlineData(-32768)]
    [InlineData(int.MinValue)]
    public void ASymbolBeyond16BitsIsRefused(int symbol)
    {
        using SymbolTensors symbols = new(Shape, ElementType.Float32);
        symbols.Z[^1] = symbol;

        Assert.False(symbols.TryWriteTensors());
    }

    [Fact]
    public void WhatANetworkWritesBeyond16BitsIsClampedAndNotANumberIsZero()
    {
        using SymbolTensors symbols = new(Shape, ElementType.Float32);
        float[] wild = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e9f, -1e9f, 32767, -3, -0.0f];
        wild.CopyTo(symbols.Y1Tensor.As<float>());
        wild.CopyTo(symbols.Y1Tensor.As<float>()[^8..]);

        symbols.ReadTensors();

        int[] tame = [0, 32767, -32767, 32767, -32767, 32767, -3, 0];
        Assert.Equal(tame, symbols.Y1[..8].ToArray());
        Assert.Equal(tame, symbols.Y1[^8..].ToArray());
    }
}
