#!/usr/bin/env bash
# Has a server under load decide canaries by itself, many of each kind, and counts what came of them.
# Writes a table to bench/results/<date>-canary-served.md. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
runs=${SALVER_BENCH_RUNS:-10}
pause_us=${SALVER_BENCH_PAUSE_US:-20000}
out=${1:-$here/results/$(date +%F)-canary-served.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
(cd "$root" && ./mvnw -q -o -pl examples -am -DskipTests package >"$work/build.log") ||
  fail "$(tail -n 20 "$work/build.log")"

# A version that pauses, fails now and then, or is off: paced MODEL PAUSE_US FAILS_EVERY OFFSET
paced() {
  "$java" -cp "$root/core/target/classes:$root/examples/target/classes" \
    io.salver.examples.PacedModel "$work/$1/1" "$2" "$3" "$4"
  echo "  - {name: $1, base_path: $work/$1}" >>"$work/salver.yaml"
}
echo "models:" >"$work/salver.yaml"
paced old "$pause_us" 0 0
paced slow $((pause_us * 13 / 10)) 0 0
paced failing "$pause_us" 50 0
paced wrong "$pause_us" 0 1
paced fine "$pause_us" 0 0

steps='"steps": [1, 10, 50], "step_seconds": 5'
machine >"$work/machine.txt"
start_server "$root/salver" serve "--config=$work/salver.yaml" \
  "--port=$grpc_port" "--rest_api_port=$rest_port"
"$java" "$root/bench/src/main/java/io/salver/bench/CanaryRuns.java" "$rest_port" "$runs" old \
  "30 % slower" slow "$steps" \
  "errs at 2 %" failing "$steps" \
  "answers differ" wrong "$steps, \"max_difference_rate\": 0.01" \
  "fine" fine "$steps" >"$work/rows.txt"
{
  echo "# Canaries that a server under load decided by itself"
  echo
  cat "$work/machine.txt"
  echo
  echo "Sixteen clients ask the endpoint over REST, each the next time as soon as it has its answer; a run of a model"
  echo "pauses $((pause_us / 1000)) ms. Steps of 1, 10 and 50 % with 5 s each; limits and alpha are the defaults (0.01 more errors,"
  echo "0.2 slower; 0.01 of the answers different, where they are compared). A client's request failed if it was not"
  echo "answered, or not as the old version would have; of the canary whose answers differ, if it was not answered."
  echo
  echo "| canary | runs | rolled back | promoted | paused | requests until the end (median, largest) | the canary's requests (median, largest) | seconds (median, largest) | clients' requests that failed |"
  echo "|---|---|---|---|---|---|---|---|---|"
  cat "$work/rows.txt"
} >"$out"
cat "$out"
