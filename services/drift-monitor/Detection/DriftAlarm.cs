using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.DriftMonitor.Detection;

/// <summary>A change that was found: the body of the message <c>drift.alarm</c>. It is kept with the detector until the broker has it.</summary>
/// <param name="Id">The same each time that the alarm is sent: receivers know a repeated one by it.</param>
public sealed record DriftAlarm(string Id, string Detector, DriftTest Test, IReadOnlyList<DrivingPost> Driving)
{
    public static DriftAlarm Of(DetectorState state, DriftTest test) => new(IdOf(state.Name, test), state.Name, test, state.Driving);

    private static string IdOf(string detector, DriftTest test) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{detector}\n{test.ReferenceVersion}\n{test.Seen}\n{test.At:O}"))))[..32];
}
