#!/bin/sh
# Starts a rexad, deploys a tiny service over it, runs the smoke tests against it, and keeps their reports.
#
#   REPORTS=reports sh examples/ci/smoke.sh [OPTION of rexa smoke]...
#
# The exit status is that of `rexa smoke`. In a job of CI the daemon is on another machine: there HOST is its address, and
# nothing but the lines from "Deploy" on is needed.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
reports=${REPORTS:-reports}
folder=$(mktemp -d)
HOST=unix:$folder/rexad.sock
export APP="$folder/app" TOKEN="${TOKEN:-none}"

stop() {
  status=$?
  [ -z "${service:-}" ] || kill "$service" 2>/dev/null || :
  kill "$daemon" 2>/dev/null || :
  wait
  rm -rf "$folder"
  exit "$status"
}

rexad --listen "$HOST" 2>"$folder/rexad.log" &
daemon=$!
trap stop EXIT
trap 'exit 130' INT TERM

# Tries again while the daemon is on its way
rexa run -q -n --retry 10 "$HOST" -- mkdir -p "$APP"

# Deploy: the files go over the same connection, and the service ends with the client that started it
rexa run "$HOST" -c 'cat >"$APP/service.py"' --env "APP=$APP" <"$here/service.py"
rexa run -q -n "$HOST" -- python3 "$APP/service.py" "$APP/url" 2>"$folder/service.log" &
service=$!

mkdir -p "$reports"
rexa smoke "$here/smoke.yaml" --host "$HOST" \
  --report "junit=$reports/smoke.xml" --report "json=$reports/smoke.json" --report "markdown=$reports/smoke.md" "$@"
