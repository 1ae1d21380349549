#!/usr/bin/env bash
# Builds everything and runs all tests, a project at a time; ends with "N passed, N failed, N skipped" from the result files.
#   run.sh test [--format] [--audit] [--sbom] [PROJECT...]    PROJECT: the name of a test project, such as Storage.Tests
#   run.sh chaos [--minutes N] [--seed S] [--runs N] [--only TEXT]
#   run.sh fuzz [--inputs N] [--seed S]               a million inputs of seed 1 unless told otherwise
#   run.sh soak [--minutes N]                         the engine against a model of it, on random workflows in random weather
#   run.sh mutate                                     mutation testing of the engine
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
verb=$1
shift

build() {
  echo "building ..."
  dotnet build Services.sln -v quiet --nologo -clp:ErrorsOnly || exit 1
}

# settings "--option=VARIABLE ..." ARGUMENT...: the value of each option goes into its variable, and on to the tests.
settings() {
  local known=" $1 " variable
  shift
  while [ $# -gt 1 ]; do
    variable=${known#* "$1="}
    [ "$variable" != "$known" ] || { echo "$verb: unknown option $1" >&2; exit 2; }
    [[ $1 = --only || $2 =~ ^[0-9]+$ ]] || { echo "$verb: $1 wants a whole number, not '$2'" >&2; exit 2; }
    export "${variable%% *}=$2"
    shift 2
  done
  [ $# = 0 ] || { echo "$verb: $1 wants a value" >&2; exit 2; }
}

# whole NAME VALUE LEAST: refuses what a run would otherwise leave out of account.
whole() {
  [[ $2 =~ ^[0-9]{1,9}$ ]] && [ "$((10#$2))" -ge "$3" ] && return
  echo "$verb: $1 is '$2'; give a whole number from $3 to 999999999, in digits alone" >&2
  exit 2
}

case "$verb" in
  mutate)
    dotnet tool restore >/dev/null
    cd tests/WorkflowManager.Engine.Tests
    exec dotnet stryker "$@"
    ;;
  chaos)
    settings "--minutes=MILLRACE_CHAOS_MINUTES --seed=MILLRACE_CHAOS_SEED --runs=MILLRACE_CHAOS_RUNS --only=MILLRACE_CHAOS_ONLY" "$@"
    build
    # Every third seed of a long run is of the program that ships.
    dotnet build services/cli -c Release -v quiet --nologo -clp:ErrorsOnly || exit 1
    exec dotnet run --project tests/Chaos/Chaos.Tests.csproj --no-build -- -class Millrace.Chaos.Tests.ChaosTests
    ;;
  fuzz)
    settings "--inputs=MILLRACE_FUZZ_INPUTS --seed=MILLRACE_FUZZ_SEED" "$@"
    export MILLRACE_FUZZ_INPUTS=${MILLRACE_FUZZ_INPUTS-1000000} MILLRACE_FUZZ_SEED=${MILLRACE_FUZZ_SEED-1}
    whole --inputs "$MILLRACE_FUZZ_INPUTS" 1
    whole --seed "$MILLRACE_FUZZ_SEED" 0
    build
    exec dotnet run --project tests/Fuzz/Fuzz.Tests.csproj --no-build -- -showLiveOutput
    ;;
  soak)
    settings "--minutes=minutes" "$@"
    build
    export MILLRACE_SOAK_SECONDS=$((${minutes:-10} * 60))
    exec dotnet run --project tests/WorkflowManager.Engine.Tests --no-build -- -method '*A_long_soak*' -showLiveOutput
    ;;
esac

format=no
audit=no
sbom=no
projects=()
for argument in "$@"; do
  case "$argument" in
    --format) format=yes ;;
    --audit) audit=yes ;;
    --sbom) sbom=yes ;;
    -*) echo "test: unknown option $argument" >&2; exit 2 ;;
    *) projects+=("$argument") ;;
  esac
done
build

results=$root/artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
if [ "${#projects[@]}" = 0 ]; then
  mapfile -t projects < <(find tests -name '*.Tests.csproj' -printf '%f\n' | sed 's/\.csproj$//' | sort)
fi

# One project at a time, each with a limit. Servers, browsers and clocks are real, so what fails is run once more and both tries are
# told; only the last one's results are counted. A loss that is rare must be seen, so what looks for losses has one try.
one_try=" Chaos.Tests Storage.Tests "
run() { # project try
  local file log=$results/$1.$2.log
  file=$(find tests -name "$1.csproj")
  timeout 900 dotnet test "$file" --no-build --nologo -v quiet --logger "console;verbosity=minimal" --logger "trx;LogFileName=$1.trx" --results-directory "$results" >"$log" 2>&1 && return 0
  tail -60 "$log"
  return 1
}

failures=0
for project in "${projects[@]}"; do
  started=$SECONDS
  if run "$project" 1; then
    echo "ok      $project ($((SECONDS - started)) s)"
  elif [ "${one_try#* "$project" }" != "$one_try" ]; then
    failures=$((failures + 1))
    echo "FAILED  $project ($((SECONDS - started)) s)"
  elif mv -f "$results/$project.trx" "$results/$project.first-try.xml" 2>/dev/null; echo "AGAIN   $project"; run "$project" 2; then
    echo "ok      $project at the second try ($((SECONDS - started)) s)"
  else
    failures=$((failures + 1))
    echo "FAILED  $project twice ($((SECONDS - started)) s)"
  fi
done

extra=0
if [ "$format" = yes ]; then
  if dotnet format Services.sln --verify-no-changes --no-restore --severity warn >"$results/format.log" 2>&1; then
    echo "ok      dotnet format"
  else
    extra=$((extra + 1))
    echo "FAILED  dotnet format"
    tail -30 "$results/format.log"
  fi
fi

# What can't be asked, or knows of nothing, is no failure and no pass: a feed without advisories finds nothing in any package.
unchecked=0
skip() { # what why
  unchecked=$((unchecked + 1))
  echo "skipped $1 ($2)" | tr '\n' ' ' | cut -c1-200
}

list_vulnerable() { # project
  timeout 300 dotnet list "$1" package --vulnerable --include-transitive --format json
}

# A project with a package that is known to be vulnerable: whether the feed says so.
knows_advisories() { # folder
  cat >"$1/probe.csproj" <<'PROBE'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <NuGetAudit>false</NuGetAudit>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Newtonsoft.Json" Version="12.0.1" />
  </ItemGroup>
</Project>
PROBE
  timeout 120 dotnet restore "$1/probe.csproj" -v quiet --nologo && list_vulnerable "$1/probe.csproj" | grep '"vulnerabilities"'
}

audit_packages() {
  local log=$results/audit.json probe
  probe=$(mktemp -d)
  if ! knows_advisories "$probe" >"$results/audit-probe.log" 2>&1; then
    skip "package audit" "the feed has no advisories, or can't be reached: it knows of none for Newtonsoft.Json 12.0.1"
  elif ! list_vulnerable Services.sln >"$log" 2>&1; then
    skip "package audit" "$(tail -3 "$log")"
  elif grep -q '"vulnerabilities"' "$log"; then
    extra=$((extra + 1))
    echo "FAILED  package audit"
    grep -E '"(id|resolvedVersion|severity|advisoryurl)"' "$log" | sort -u | head -40
  else
    echo "ok      package audit"
  fi
  rm -rf "$probe"
}

audit_page() {
  local log=$results/npm-audit.json
  (cd services/workflow-manager/Ui && npm audit --omit=dev --json) >"$log" 2>"$results/npm-audit.log"
  if ! grep -q '"auditReportVersion"' "$log"; then
    skip "page's package audit" "$(head -1 "$results/npm-audit.log")"
  elif grep -q '"severity"' "$log"; then
    extra=$((extra + 1))
    echo "FAILED  page's package audit"
    grep -E '"(name|title|severity|url)"' "$log" | head -40
  else
    echo "ok      page's package audit"
  fi
}

if [ "$audit" = yes ]; then
  audit_packages
  audit_page
fi
if [ "$sbom" = yes ]; then
  if infra/sbom/make-sbom.sh >"$results/sbom.log" 2>&1; then
    echo "ok      bill of materials ($(tail -1 "$results/sbom.log"))"
  else
    extra=$((extra + 1))
    echo "FAILED  bill of materials"
    tail -10 "$results/sbom.log"
  fi
fi

count() { # attribute
  cat "$results"/*.trx 2>/dev/null | grep -o "<Counters [^>]*" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum + 0 }'
}
total=$(count total)
passed=$(count passed)
failed=$(count failed)
total=${total:-0} passed=${passed:-0} failed=${failed:-0}
skipped=$((total - passed - failed + unchecked))
# A project that broke before it could write results, the format check, the audit and the bill of materials count as failures of their own.
[ "$failures" -gt 0 ] && [ "$failed" = 0 ] && failed=$failures
failed=$((failed + extra))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$failures" = 0 ]
