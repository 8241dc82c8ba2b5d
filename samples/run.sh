#!/usr/bin/env bash
# Packs the libraries into artifacts/nuget and runs samples/Loopback against the packages, as a stranger's program would: they are restored into a folder of their own, so that
# nothing is found that was packed before. Prints what was found out, and 'N passed, N failed' last.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
passed=0 failed=0
pass() { printf 'ok: %s\n' "$1"; passed=$((passed + 1)); }
fail() { printf 'FAILED: %s\n' "$1"; failed=$((failed + 1)); tail -n 20 "$scratch/log"; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
version=$(dotnet msbuild src/MlvcRtc.Codec -getProperty:PackageVersion)

rm -rf artifacts/nuget && mkdir -p artifacts/nuget
if dotnet pack MlvcRtc.Libraries.slnf -c Release -m:1 -v quiet -o artifacts/nuget > "$scratch/log" 2>&1; then pass "the libraries are packed: $(find artifacts/nuget -name "*.nupkg" -printf "%f %kK, ")"; else fail "dotnet pack"; fi
for project in $(grep -oE 'MlvcRtc\.[A-Za-z.]+\.csproj' MlvcRtc.Libraries.slnf); do
  name=${project%.csproj}
  unzip -l "artifacts/nuget/$name.$version.nupkg" > "$scratch/log" 2>&1
  if grep -q ' README.md' "$scratch/log" && grep -q 'lib/net10.0/.*\.dll' "$scratch/log" && [ -s "artifacts/nuget/$name.$version.snupkg" ]; then pass "$name has its library, readme and symbols"; else fail "$name lacks its library, readme or symbols"; fi
done

lines=$(wc -l < samples/Loopback/Program.cs)
echo "$lines lines" > "$scratch/log"
if [ "$lines" -le 30 ]; then pass "the sample has $lines lines"; else fail "the sample has more than 30 lines"; fi
if dotnet build samples/Loopback -c Release -v quiet -p:MlvcRtcVersion="$version" -p:RestorePackagesPath="$scratch/packages" --artifacts-path "$scratch/build" -o "$scratch/out" > "$scratch/log" 2>&1; then
  pass "the sample compiles against the packages"
else
  fail "the sample does not compile against the packages"
fi
timeout 120 dotnet "$scratch/out/Loopback.dll" > "$scratch/log" 2>&1
# Ten pictures, all decoded, each within 4 of 256 levels of what was sent.
good=$(awk '/ Ok, / && $NF < 4' "$scratch/log" | wc -l)
if [ "$good" = 10 ]; then pass "ten pictures are encoded, sent, received and decoded ($(tail -n 1 "$scratch/log"))"; else fail "$good of ten pictures arrived"; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
