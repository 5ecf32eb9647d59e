#!/usr/bin/env bash
# Renders a report in headless Chromium, light and dark, 1280 and 480 pixels wide, into PNG files.
# Usage: scripts/screenshots.sh reports/ortho.full/report.html OUTDIR
set -euo pipefail
report=$(realpath "$1")
out=$2
mkdir -p "$out"
for scheme in light dark; do
  for width in 1280 480; do
    # A window narrower than 500 pixels is not to be had, so the narrow page sits in a frame.
    page=$out/frame.html
    printf '<!doctype html><meta name="color-scheme" content="%s"><body style="margin:0"><iframe src="file://%s" style="border:0;width:%spx;height:6000px"></iframe>' \
      "$scheme" "$report" "$width" > "$page"
    profile=$(mktemp -d)
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
      --disable-background-networking --disable-component-update --disable-sync \
      --allow-file-access-from-files --user-data-dir="$profile" --hide-scrollbars \
      --blink-settings=preferredColorScheme=$([ $scheme = dark ] && echo 0 || echo 1) \
      --window-size=$((width < 500 ? 500 : width)),6000 \
      --enable-logging=stderr --v=0 --screenshot="$out/$scheme-$width.png" "file://$(realpath "$page")" 2> "$out/$scheme-$width.log"
    rm -rf "$profile" "$page"
    grep -E 'CONSOLE|ERR_' "$out/$scheme-$width.log" || true
  done
done
ls "$out"/*.png
