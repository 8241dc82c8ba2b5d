using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MlvcRtc.Codec.Onnx;

/// <summary>Instructions that multiply bytes and add the products to 32 bits at once. Without them graphs in integers are hardly faster than floats.</summary>
public static class ByteDotProducts
{
    /// <summary>AVX512-VNNI or AVX-VNNI on x86, DotProd on Arm.</summary>
    public static bool AreThere => Dp.IsSupported || (Avx512F.IsSupported && HasAvx512Vnni()) || AvxVnni.IsSupported;

    /// <summary>CPUID leaf 7, subleaf 0, ECX bit 11 (Intel, Software Developer's Manual, volume 2A).</summary>
    private static bool HasAvx512Vnni() => X86Base.IsSupported && (X86Base.CpuId(7, 0).Ecx & (1 << 11)) != 0;
}
