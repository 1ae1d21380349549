#!/usr/bin/env bash
# Writes artifacts/sbom/millrace.cdx.json: every package, model, runtime and base image that is shipped with the services, as CycloneDX JSON.
# Fails if a package that a shipped project or the page names is not in it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
bom=artifacts/sbom/millrace.cdx.json
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)

dotnet tool restore >/dev/null
dotnet restore services/cli/Cli.csproj -v quiet --nologo
dotnet dotnet-CycloneDX services/cli/Cli.csproj --disable-package-restore --output "$(dirname "$bom")" --filename "$(basename "$bom")" \
  --output-format Json --set-name millrace --set-version "$version" >/dev/null
python3 "$here/add_page.py" "$bom" services/workflow-manager/Ui/package-lock.json
python3 "$here/add_platform.py" "$bom"
grep -rh --include='*.csproj' --exclude-dir=node_modules '<PackageReference' services shared \
  | sed 's/.*Include="\([^"]*\)".*/\1/' | sort -u | python3 "$here/check_names.py" "$bom"
