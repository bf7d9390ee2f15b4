#!/usr/bin/env bash
# Registers many more models than fit into the memory budget, asks for them as often as Zipf's law
# says, and reports errors, what the process occupied, and how long requests waited for a model that
# was not in memory.
#
#   bench/on-demand.sh [MODELS [BUDGET_FOR [SECONDS [RATE]]]]     2000 50 600 100 unless told otherwise
#
# Fails if a request fails, or the process takes more than its base and 1.1 times the budget. The base
# is what the same server takes with all models registered, after the same load for 30 s on three of
# them, less what three take as measured.
# Prints a table for bench/results. Ports: SALVER_BENCH_PORT (28500), SALVER_BENCH_REST_PORT (28501).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
port=${SALVER_BENCH_PORT:-28500}
rest_port=${SALVER_BENCH_REST_PORT:-28501}
models=${1:-2000}
fits=${2:-50}
seconds=${3:-600}
rate=${4:-100}
callers=16
# shellcheck source=bench/lib.sh
. "$root/bench/lib.sh"
require curl:curl
java=${JAVA_HOME:-$("$root/scripts/find-jdk25")}/bin/java

# A model with 4 MiB of weights; all models are links to its one file.
heavy_model "$work/models/m0/1" 1024 1
for ((i = 1; i < models; i++)); do
  mkdir -p "$work/models/m$i/1"
  ln "$work/models/m0/1/model.onnx" "$work/models/m$i/1/model.onnx"
done
# Files that changed just now would be waited for.
sleep 3

# Starts the server with a budget in bytes.
serve() {
  {
    echo "lifecycle: {memory_budget: $1}"
    echo "models:"
    for ((i = 0; i < models; i++)); do
      echo "  - {name: m$i, base_path: $work/models/m$i, on_demand: true}"
    done
  } >"$work/salver.yaml"
  start_server "$root/salver" serve --config="$work/salver.yaml" --port="$port" --rest_api_port="$rest_port"
}

metric() {
  curl -s -m 10 "http://127.0.0.1:$rest_port/metrics" | awk -v name="$1" '$1 == name { printf "%.0f\n", $2 }'
}

# Sends load to the first $1 models for $2 seconds; prints requests, failures, p50, p99 and longest, in ms.
zipf_load() {
  "$java" -XX:+UseSerialGC -Xmx256m "$root/bench/src/main/java/io/salver/bench/ZipfLoad.java" \
    "$rest_port" m "$1" "$callers" "$2" "$rate"
}

# The $1 quantile of how long requests waited for a model, in ms, between the buckets' bounds.
wait_ms() {
  curl -s -m 10 "http://127.0.0.1:$rest_port/metrics" | awk -v q="$1" '
    /^salver_on_demand_wait_seconds_bucket/ {
      split($1, parts, "\""); bound[++n] = parts[2]; count[n] = $2
    }
    END {
      want = q * count[n]
      for (i = 1; i < n && count[i] < want; i++) {}
      from = i > 1 ? bound[i - 1] : 0; below = i > 1 ? count[i - 1] : 0
      to = i < n ? bound[i] : from
      printf "%.0f\n", 1000 * (from + (to - from) * (count[i] > below ? (want - below) / (count[i] - below) : 0))
    }'
}

serve 0
registered=$(resident_kib)
start_ms=$ready_ms
zipf_load 3 30 >"$work/load.txt" 2>"$work/load.err" || fail "$(cat "$work/load.err")"
# The first load brings the engine's library and is not measured.
each=$(curl -s "http://127.0.0.1:$rest_port/metrics" | awk '/^salver_model_memory_bytes/ { print $2 }' | sort -g | sed -n 2p)
each=$(printf '%.0f' "$each")
base=$(($(resident_kib) - 3 * each / 1024))
stop_server

budget=$((fits * each))
serve "$budget"
zipf_load "$models" "$seconds" >"$work/load.txt" 2>"$work/load.err" &
load=$!
peak=0
used_peak=0
while kill -0 "$load" 2>/dev/null; do
  resident=$(resident_kib)
  [ "$resident" -le "$peak" ] || peak=$resident
  used=$(metric salver_memory_used_bytes)
  [ "${used:-0}" -le "$used_peak" ] || used_peak=$used
  sleep 0.5
done
wait "$load" || fail "requests failed: $(cat "$work/load.txt" "$work/load.err")"
read -r requests failures p50 p99 longest <"$work/load.txt"
limit=$((base + budget * 11 / 10 / 1024))

echo "# $models models on demand, a budget for $fits, Zipf's load for $seconds s"
echo
echo "$(date +%F)"
echo
machine
echo
echo "Models: 4 MiB of weights each (ONNX), links to one file. $callers callers, $rate requests/s by REST together."
echo "Base: the server with all models registered, after 30 s of the same load on three of them, less what"
echo "three take as measured. A model that is being loaded counts as its engine declares, then as measured."
echo
echo "| | |"
echo "|---|---|"
echo "| ready with all registered, none loaded | $start_ms ms, $((registered / 1024)) MiB resident |"
echo "| base | $((base / 1024)) MiB |"
echo "| set aside for one model | $(awk "BEGIN { printf \"%.2f\", $each / 1048576 }") MiB |"
echo "| budget | $((budget / 1048576)) MiB |"
echo "| most set aside at a time | $((used_peak / 1048576)) MiB |"
echo "| most resident | $((peak / 1024)) MiB (limit: base and 1.1 times the budget, $((limit / 1024)) MiB) |"
echo "| requests | $requests, $failures failed |"
echo "| time of answers, p50, p99, longest | $p50, $p99, $longest ms |"
echo "| requests that waited for a model | $(metric salver_on_demand_wait_seconds_count) |"
echo "| their wait, p50, p99 | $(wait_ms 0.5), $(wait_ms 0.99) ms |"
echo "| loads, models unloaded for others | $(metric salver_on_demand_loads_total), $(metric salver_on_demand_evictions_total) |"
[ "$peak" -le "$limit" ] || fail "resident: $peak KiB (expected: at most $limit KiB)"
