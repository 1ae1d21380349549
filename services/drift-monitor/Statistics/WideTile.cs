using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>Eight rows by two vectors of 512 bits: sixteen sums, half of the 32 registers of AVX-512.</summary>
internal static class WideTile
{
    public const int Rows = 8;

    public const int Columns = 2 * Vector;

    /// <summary>Floats in a vector.</summary>
    private const int Vector = 16;

    /// <summary>Adds the product of <see cref="Rows"/> rows and one panel to <paramref name="product"/>.</summary>
    public static void MultiplyAdd(ref readonly float left, nint leftStride, ref readonly float right, int inner, ref float product, nint productStride)
    {
        ref var row = ref Unsafe.AsRef(in left);
        var (two, three, four, five, six, seven) = (2 * leftStride, 3 * leftStride, 4 * leftStride, 5 * leftStride, 6 * leftStride, 7 * leftStride);
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector512<float> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        for (var k = 0; k < inner; k++)
        {
            var r0 = Vector512.LoadUnsafe(in right, (nuint)(k * Columns));
            var r1 = Vector512.LoadUnsafe(in right, (nuint)(k * Columns + Vector));
            ref var at = ref Unsafe.Add(ref row, k);
            Step(at, r0, r1, ref a0, ref a1);
            Step(Unsafe.Add(ref at, leftStride), r0, r1, ref b0, ref b1);
            Step(Unsafe.Add(ref at, two), r0, r1, ref c0, ref c1);
            Step(Unsafe.Add(ref at, three), r0, r1, ref d0, ref d1);
            Step(Unsafe.Add(ref at, four), r0, r1, ref e0, ref e1);
            Step(Unsafe.Add(ref at, five), r0, r1, ref f0, ref f1);
            Step(Unsafe.Add(ref at, six), r0, r1, ref g0, ref g1);
            Step(Unsafe.Add(ref at, seven), r0, r1, ref h0, ref h1);
        }
        Add(ref product, a0, a1);
        Add(ref Unsafe.Add(ref product, productStride), b0, b1);
        Add(ref Unsafe.Add(ref product, 2 * productStride), c0, c1);
        Add(ref Unsafe.Add(ref product, 3 * productStride), d0, d1);
        Add(ref Unsafe.Add(ref product, 4 * productStride), e0, e1);
        Add(ref Unsafe.Add(ref product, 5 * productStride), f0, f1);
        Add(ref Unsafe.Add(ref product, 6 * productStride), g0, g1);
        Add(ref Unsafe.Add(ref product, 7 * productStride), h0, h1);
    }

    /// <summary>The same for one row.</summary>
    public static void MultiplyAddRow(ref readonly float left, ref readonly float right, int inner, ref float product)
    {
        Vector512<float> a0 = default, a1 = default;
        for (var k = 0; k < inner; k++)
        {
            var r0 = Vector512.LoadUnsafe(in right, (nuint)(k * Columns));
            var r1 = Vector512.LoadUnsafe(in right, (nuint)(k * Columns + Vector));
            Step(Unsafe.Add(ref Unsafe.AsRef(in left), k), r0, r1, ref a0, ref a1);
        }
        Add(ref product, a0, a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float value, Vector512<float> r0, Vector512<float> r1, ref Vector512<float> sum0, ref Vector512<float> sum1)
    {
        var left = Vector512.Create(value);
        sum0 = Vector512.FusedMultiplyAdd(left, r0, sum0);
        sum1 = Vector512.FusedMultiplyAdd(left, r1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float target, Vector512<float> sum0, Vector512<float> sum1)
    {
        (Vector512.LoadUnsafe(ref target) + sum0).StoreUnsafe(ref target);
        (Vector512.LoadUnsafe(ref target, Vector) + sum1).StoreUnsafe(ref target, Vector);
    }
}
