#!/bin/sh
# Puts MlvcRtc into your menu of applications (yours alone), where a click starts it. The folder stays where it is. ./install.sh --remove takes it out again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
entry="${XDG_DATA_HOME:-$HOME/.local/share}/applications/mlvcrtc.desktop"
if [ "${1:-}" = "--remove" ]; then
  rm -f "$entry"
  echo "removed $entry"
  exit
fi
# The key Exec (Desktop Entry Specification 1.5): quoted, and these four escaped, which the general rule for strings escapes again.
program=$(printf '%s' "$here/mlvcrtc" | sed 's/[\\"`$]/\\\\&/g; s/%/%%/g')
mkdir -p "$(dirname "$entry")"
cat > "$entry" <<END
[Desktop Entry]
Type=Application
Name=MlvcRtc
Comment=Video calls that survive bad networks
Exec="$program"
Path=$here
Icon=$here/icon.svg
Terminal=true
Categories=Network;VideoConference;
END
echo "MlvcRtc is in your menu of applications ($entry)"
