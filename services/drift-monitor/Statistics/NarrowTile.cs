using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>Six rows by two vectors of 256 bits: twelve sums, which with what they are made of fill the sixteen registers of AVX2.</summary>
internal static class NarrowTile
{
    public const int Rows = 6;

    public const int Columns = 2 * Vector;

    /// <summary>Floats in a vector.</summary>
    private const int Vector = 8;

    /// <summary>Adds the product of <see cref="Rows"/> rows and one panel to <paramref name="product"/>.</summary>
    public static void MultiplyAdd(ref readonly float left, nint leftStride, ref readonly float right, int inner, ref float product, nint productStride)
    {
        ref var row = ref Unsafe.AsRef(in left);
        var (two, three, four, five) = (2 * leftStride, 3 * leftStride, 4 * leftStride, 5 * leftStride);
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector256<float> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var k = 0; k < inner; k++)
        {
            var r0 = Vector256.LoadUnsafe(in right, (nuint)(k * Columns));
            var r1 = Vector256.LoadUnsafe(in right, (nuint)(k * Columns + Vector));
            ref var at = ref Unsafe.Add(ref row, k);
            Step(at, r0, r1, ref a0, ref a1);
            Step(Unsafe.Add(ref at, leftStride), r0, r1, ref b0, ref b1);
            Step(Unsafe.Add(ref at, two), r0, r1, ref c0, ref c1);
            Step(Unsafe.Add(ref at, three), r0, r1, ref d0, ref d1);
            Step(Unsafe.Add(ref at, four), r0, r1, ref e0, ref e1);
            Step(Unsafe.Add(ref at, five), r0, r1, ref f0, ref f1);
        }
        Add(ref product, a0, a1);
        Add(ref Unsafe.Add(ref product, productStride), b0, b1);
        Add(ref Unsafe.Add(ref product, 2 * productStride), c0, c1);
        Add(ref Unsafe.Add(ref product, 3 * productStride), d0, d1);
        Add(ref Unsafe.Add(ref product, 4 * productStride), e0, e1);
        Add(ref Unsafe.Add(ref product, 5 * productStride), f0, f1);
    }

    /// <summary>The same for one row.</summary>
    public static void MultiplyAddRow(ref readonly float left, ref readonly float right, int inner, ref float product)
    {
        Vector256<float> a0 = default, a1 = default;
        for (var k = 0; k < inner; k++)
        {
            var r0 = Vector256.LoadUnsafe(in right, (nuint)(k * Columns));
            var r1 = Vector256.LoadUnsafe(in right, (nuint)(k * Columns + Vector));
            Step(Unsafe.Add(ref Unsafe.AsRef(in left), k), r0, r1, ref a0, ref a1);
        }
        Add(ref product, a0, a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float value, Vector256<float> r0, Vector256<float> r1, ref Vector256<float> sum0, ref Vector256<float> sum1)
    {
        var left = Vector256.Create(value);
        sum0 = Vector256.FusedMultiplyAdd(left, r0, sum0);
        sum1 = Vector256.FusedMultiplyAdd(left, r1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref float target, Vector256<float> sum0, Vector256<float> sum1)
    {
        (Vector256.LoadUnsafe(ref target) + sum0).StoreUnsafe(ref target);
        (Vector256.LoadUnsafe(ref target, Vector) + sum1).StoreUnsafe(ref target, Vector);
    }
}
