#!/usr/bin/env bash
# Measures what a server does with more load than it carries, and what a slow model does to a fast
# one beside it. Writes a table to bench/results/<date>-overload.md. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
server_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
seconds=${SALVER_BENCH_SECONDS:-10}
overload_seconds=${SALVER_BENCH_OVERLOAD_SECONDS:-60}
objective_ms=${SALVER_BENCH_OBJECTIVE_MS:-100}
fast_rate=${SALVER_BENCH_FAST_RATE:-300}
out=${1:-$here/results/$(date +%F)-overload.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

require curl:curl taskset:util-linux
[ "$(nproc)" -ge 2 ] || fail "cores: $(nproc) (expected: at least 2, one for the server alone)"

"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
"$java" -cp "$root/core/target/classes:$root/examples/target/classes" \
  io.salver.examples.HeavyModel "$work/heavy/1" 512 24
cat >"$work/salver.yaml" <<YAML
listen: {grpc_port: $grpc_port, rest_port: $rest_port}
models:
  - name: heavy
    base_path: $work/heavy
    batching: {latency_objective: ${objective_ms}ms, max_batch_size: 16, instances: 1}
  - {name: half_plus_two, base_path: $root/examples/models/half_plus_two}
YAML
machine >"$work/machine.txt"

load() {
  taskset -c "$client_core" "$java" -XX:+UseSerialGC \
    "$here/src/main/java/io/salver/bench/OpenLoop.java" "$@" 2>"$work/refusal.txt"
}

# Prints a row of the table: row TITLE LINE
row() {
  local sent rate p50 p99 refused others
  read -r sent rate p50 p99 refused others <<<"$2"
  echo "| $1 | $sent | $rate | $p50 | $p99 | $refused | $others | $(($(resident_kib) / 1024)) |"
}

times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a * b }'; }

start_server taskset -c "$server_core" "$root/salver" serve "--config=$work/salver.yaml"
load closed "$rest_port" "$seconds" heavy 32 half_plus_two 4 >/dev/null
read -r _ capacity _ < <(load closed "$rest_port" "$seconds" heavy 32)
echo "capacity: $capacity/s" >&2

{
  row 'heavy, 32 clients that wait (capacity)' \
    "$(load closed "$rest_port" "$seconds" heavy 32)"
  row 'heavy, half the capacity' \
    "$(load open "$rest_port" "$seconds" heavy "$(times "$capacity" 0.5)")"
  row 'heavy, the capacity' "$(load open "$rest_port" "$seconds" heavy "$capacity")"
  row "heavy, twice the capacity for $overload_seconds s" \
    "$(load open "$rest_port" "$overload_seconds" heavy "$(times "$capacity" 2)")"
  tr -s '\n ' ' ' <"$work/refusal.txt" >"$work/said.txt"
  row 'half_plus_two, alone' \
    "$(load open "$rest_port" "$seconds" half_plus_two "$fast_rate")"
  load open "$rest_port" "$seconds" half_plus_two "$fast_rate" heavy "$(times "$capacity" 0.8)" \
    >"$work/both.txt"
  row 'half_plus_two, beside heavy at 0.8 of its capacity' "$(sed -n 1p "$work/both.txt")"
  row 'the heavy one beside it' "$(sed -n 2p "$work/both.txt")"
} >"$work/rows.txt"

{
  echo "# More load than a server carries, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- server on core $server_core, generator on core $client_core; REST, one row a request;" \
    "\`heavy\` is 24 products with a 512 x 512 matrix, one instance, at most 16 rows a run, a" \
    "latency objective of $objective_ms ms; rates are open-loop, at random intervals, and latency" \
    "is from when a request was due"
  echo
  echo '| load | sent | answered/s | p50, us | p99, us | refused (429, 503) | failed otherwise | resident, MiB |'
  echo '|---|---:|---:|---:|---:|---:|---:|---:|'
  cat "$work/rows.txt"
  echo
  echo "A refusal: \`$(cat "$work/said.txt")\`"
} >"$work/report.md"
mkdir -p "$(dirname "$out")"
mv "$work/report.md" "$out"
cat "$out"
