#!/bin/sh
# Finds a Chromium for the tests of the pages; as root on Debian it installs one. Without one those tests are skipped.
set -eu

say() { printf '%s\n' "$*" >&2; }

found() {
    [ -n "${FIFTEEN_CHROMIUM:-}" ] && [ -x "$FIFTEEN_CHROMIUM" ] && return
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null && return
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

found && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "No Chromium here: installing the Debian package, for the tests of the pages."
    # A font of the pages' own width comes with it, so that a picture looks the same everywhere.
    apt-get update -qq >&2 &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-liberation >&2 || :
fi
found || say "No Chromium was found: the tests that open pages are skipped. Install it (Debian, Ubuntu: sudo apt-get install chromium; macOS: Google Chrome), or name its program in FIFTEEN_CHROMIUM."
