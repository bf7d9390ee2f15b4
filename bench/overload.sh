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
width=${SALVER_BENCH_WIDTH:-1024}
pairs=${SALVER_BENCH_PAIRS:-5}
out=${1:-$here/results/$(date +%F)-overload.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

require curl:curl taskset:util-linux
[ "$(nproc)" -ge 2 ] || fail "cores: $(nproc) (expected: at least 2, one for the server alone)"

"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
heavy_model "$work/heavy/1" "$width" 24
cat >"$work/salver.yaml" <<YAML
listen: {grpc_port: $grpc_port, rest_port: $rest_port}
models:
  - name: heavy
    base_path: $work/heavy
    batching: {latency_objective: ${objective_ms}ms, max_batch_size: 16, instances: 1}
  - {name: half_plus_two, base_path: $root/examples/models/half_plus_two}
YAML
machine >"$work/machine.txt"

load() { open_loop "$@" 2>"$work/said.txt"; }

# Prints a row of the table: row TITLE LINE
row() {
  local sent rate p50 p99 refused others
  read -r sent rate p50 p99 refused others <<<"$2"
  echo "| $1 | $sent | $rate | $p50 | $p99 | $refused | $others | $(($(resident_kib) / 1024)) |"
  [ "$others" = 0 ] || tail -n 1 "$work/said.txt" >&2
}

times() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.1f", a * b }'; }
field() { cut -d ' ' -f "$1" <<<"$2"; }

# Prints resident memory in MiB, ten times while the overload lasts.
watch_resident() {
  for _ in $(seq 10); do
    sleep $((overload_seconds / 10))
    echo $(($(resident_kib) / 1024))
  done
}

start_server taskset -c "$server_core" "$root/salver" serve "--config=$work/salver.yaml"
echo "warm-up" >&2
load closed "$rest_port" $((2 * seconds)) heavy 32 half_plus_two 4 >/dev/null
load open "$rest_port" "$seconds" half_plus_two "$fast_rate" >/dev/null
load closed "$rest_port" "$seconds" heavy 32 >/dev/null
closed=$(load closed "$rest_port" "$seconds" heavy 32)
capacity=$(field 2 "$closed")
row 'heavy, 32 clients that wait' "$closed" >"$work/rows.txt"
peak=0
for share in 0.5 0.8 0.9 1 1.1; do
  line=$(load open "$rest_port" "$seconds" heavy "$(times "$capacity" "$share")")
  row "heavy, $share of that rate" "$line" >>"$work/rows.txt"
  peak=$(awk -v a="$peak" -v b="$(field 2 "$line")" 'BEGIN { print (a > b ? a : b) }')
done
echo "peak: $peak/s of $capacity/s" >&2

watch_resident >"$work/resident.txt" &
watch=$!
line=$(load open "$rest_port" "$overload_seconds" heavy "$(times "$peak" 2)")
wait "$watch"
row "heavy, twice the peak for $overload_seconds s" "$line" >>"$work/rows.txt"
head -n 1 "$work/said.txt" >"$work/refusal.txt"
kept=$(awk -v a="$(field 2 "$line")" -v b="$peak" 'BEGIN { printf "%.1f", 100 * a / b }')

# Alone and beside the slow one, in turns: what else the machine does falls on both.
for i in $(seq "$pairs"); do
  alone=$(load open "$rest_port" "$seconds" half_plus_two "$fast_rate")
  load open "$rest_port" "$seconds" half_plus_two "$fast_rate" heavy "$(times "$peak" 0.8)" \
    >"$work/both.txt"
  beside=$(sed -n 1p "$work/both.txt")
  echo "| $i | $(field 3 "$alone") | $(field 4 "$alone") | $(field 3 "$beside") |" \
    "$(field 4 "$beside") | $(sed -n 2p "$work/both.txt" | cut -d ' ' -f 2) |" >>"$work/pairs.txt"
  awk -v a="$(field 4 "$alone")" -v b="$(field 4 "$beside")" 'BEGIN { print b / a }' \
    >>"$work/ratios.txt"
done

{
  echo "# More load than a server carries, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- server on core $server_core, generator on core $client_core; REST, one row a request;" \
    "\`heavy\` is 24 products with a $width x $width matrix, one instance, at most 16 rows a run, a" \
    "latency objective of $objective_ms ms; rates are open-loop, at random intervals, and latency" \
    "is from when a request was due; $seconds s each unless another time is given, after 3 s that" \
    "do not count"
  echo
  echo '| load | sent | answered/s | p50, us | p99, us | refused (429, 503) | failed otherwise | resident, MiB |'
  echo '|---|---:|---:|---:|---:|---:|---:|---:|'
  cat "$work/rows.txt"
  echo
  echo "With twice the peak, $kept % of the peak was answered. Resident memory meanwhile, in ten" \
    "equal steps: $(tr '\n' ' ' <"$work/resident.txt")MiB."
  echo
  echo "A refusal: \`$(cat "$work/refusal.txt")\`"
  echo
  echo '## A fast model beside it'
  echo
  echo "\`half_plus_two\` at $fast_rate/s, alone and while \`heavy\` gets 0.8 of its peak, in turns:"
  echo
  echo '| | alone: p50, us | p99, us | beside: p50, us | p99, us | heavy answered/s |'
  echo '|---:|---:|---:|---:|---:|---:|'
  cat "$work/pairs.txt"
  echo
  printf 'The p99 beside the heavy one is %.2f times the p99 alone (median of %d pairs).\n' \
    "$(median $(cat "$work/ratios.txt"))" "$pairs"
} >"$work/report.md"
mkdir -p "$(dirname "$out")"
mv "$work/report.md" "$out"
cat "$out"
