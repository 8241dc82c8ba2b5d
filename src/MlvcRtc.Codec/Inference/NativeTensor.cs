using System.Runtime.InteropServices;

namespace MlvcRtc.Codec.Inference;

/// <summary>A dense tensor in unmanaged, 64-byte aligned memory: engines may keep its address. Zero when created.</summary>
public sealed unsafe class NativeTensor : IDisposable
{
    private void* _memory;

    public NativeTensor(ElementType type, params IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Type = type;
        Shape = [.. shape];
        ElementCount = Shape.Aggregate(1, (product, side) => checked(product * side));
        ByteLength = checked(ElementCount * SizeOf(type));
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(ByteLength, 64), 64);
        Clear();
    }

    ~NativeTensor() => Free();

    public ElementType Type { get; }

    public IReadOnlyList<int> Shape { get; }

    public int ElementCount { get; }

    public int ByteLength { get; }

    /// <summary>Address of the first element; valid until <see cref="Dispose"/>.</summary>
    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory is null, this);
            return (nint)_memory;
        }
    }

    public Span<byte> Bytes => new((void*)Address, ByteLength);

    /// <exception cref="InvalidOperationException">The element type has another size than <typeparamref name="T"/>.</exception>
    public Span<T> As<T>()
        where T : unmanaged =>
        sizeof(T) == SizeOf(Type)
            ? new Span<T>((void*)Address, ElementCount)
            : throw new InvalidOperationException($"A {Type} tensor cannot be read as {typeof(T).Name}.");

    public void Clear() => Bytes.Clear();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.UInt8 => 1,
        ElementType.Float16 => 2,
        _ => 4,
    };

    private void Free()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}
