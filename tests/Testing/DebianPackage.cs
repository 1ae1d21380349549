using System.Diagnostics;

namespace Millrace.Testing;

/// <summary>Servers that tests start come from Debian; what is missing is installed once, without starting its system service.</summary>
public static class DebianPackage
{
    /// <param name="proof">A file that the package brings.</param>
    /// <exception cref="InvalidOperationException">It cannot be installed; the message says how to do it by hand.</exception>
    public static async Task InstallAsync(string package, string proof, CancellationToken cancellationToken = default)
    {
        if (File.Exists(proof))
            return;
        // A policy of our own keeps apt from starting services; an existing one is put back.
        const string script = """
            policy=/usr/sbin/policy-rc.d
            [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; trap 'rm -f "$policy"' EXIT; }
            apt="apt-get -o DPkg::Lock::Timeout=300 -q"
            $apt install -y --no-install-recommends "$1" || { $apt update && $apt install -y --no-install-recommends "$1"; }
            """;
        var start = new ProcessStartInfo("/bin/sh", ["-c", script, "sh", package])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        using var apt = Process.Start(start)!;
        var errors = apt.StandardError.ReadToEndAsync(cancellationToken);
        var output = await apt.StandardOutput.ReadToEndAsync(cancellationToken);
        await apt.WaitForExitAsync(cancellationToken);
        if (!File.Exists(proof))
            throw new InvalidOperationException($"{package} is missing; install it with: apt-get install -y {package}\n{output}{await errors}");
    }
}
