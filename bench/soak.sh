#!/usr/bin/env bash
# Sends ten million requests to a served model and reports what stayed behind: native memory, heap,
# resident memory, failures, leaked buffers. Writes bench/results/<date>-soak.md. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

model=half_plus_two
grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
server_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
million=${SALVER_SOAK_UNIT:-1000000}
out=${1:-$here/results/$(date +%F)-soak.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

# Serves with the leak detection given.
serve() {
  SALVER_JAVA_OPTS="-Dio.netty.leakDetection.level=$1" start_server \
    taskset -c "$server_core" "$root/salver" serve "--port=$grpc_port" \
    "--rest_api_port=$rest_port" "--model_name=$model" \
    "--model_base_path=$root/examples/models/$model"
}

# Sends exactly $1 requests with h2load's further options; every one has to be answered with 200.
send() {
  local count=$1
  shift
  taskset -c "$client_core" h2load -t 1 -n "$count" "$@" >"$work/h2load.txt" ||
    fail "h2load failed: $(tail -n 3 "$work/h2load.txt")"
  grep -q "^status codes: $count 2xx" "$work/h2load.txt" ||
    fail "h2load: $(grep -E '^(requests|status codes):' "$work/h2load.txt")"
}

# Sends $1 requests, three in five by gRPC.
load() {
  local grpc=$(($1 * 3 / 5))
  send "$grpc" -c 4 -m 32 -d "$work/predict.bin" \
    -H 'content-type: application/grpc' -H 'te: trailers' \
    "http://127.0.0.1:$grpc_port/tensorflow.serving.PredictionService/Predict"
  send $(($1 - grpc)) --h1 -c 64 -d "$work/body.json" -H 'content-type: application/json' \
    "http://127.0.0.1:$rest_port/v1/models/$model:predict"
  sent=$((sent + $1))
}

metrics() {
  curl -sf -m 5 "http://127.0.0.1:$rest_port/metrics"
}

# Prints a row of the report, after a full collection.
row() {
  "$java_home/bin/jcmd" "$server" GC.run >/dev/null
  metrics >"$work/metrics.txt"
  awk -v sent="$sent" -v leaks="$(grep -c LEAK "$work/server.log" || true)" '
    /^salver_requests_total/ { if (/code="OK"/) ok += $NF; else failed += $NF }
    /^salver_native_memory_bytes/ { native = $NF }
    /^process_resident_memory_bytes/ { resident = $NF }
    /^jvm_memory_used_bytes\{area="heap"/ { heap = $NF }
    /^jvm_memory_used_bytes\{area="nonheap"/ { other = $NF }
    END {
      printf "| %d | %d | %d | %d | %.2f | %.2f | %.1f | %.1f |\n", sent, ok, failed, leaks,
        native / 1048576, heap / 1048576, other / 1048576, resident / 1048576
    }' "$work/metrics.txt" | tee -a "$work/rows.txt" >&2
}

require h2load:nghttp2-client curl:curl taskset:util-linux
"$root/salver" --version >&2 # builds, if need be
java_home=$("$root/scripts/find-jdk25")
java=$java_home/bin/java
printf '{"instances": [1.0]}' >"$work/body.json"
request_file tfserving-grpc "$work/predict.bin" "$model" x FP32 1

head='| requests sent | answered OK | failed | LEAK lines | native, MiB | heap after GC, MiB | other JVM, MiB | resident, MiB |
|---:|---:|---:|---:|---:|---:|---:|---:|'

machine >"$work/machine.txt"
echo "leak detection: paranoid" >&2
serve paranoid
sent=0
load $((million / 100))
row
load $((million - million / 100))
row
stop_server
paranoid=$(cat "$work/rows.txt")

: >"$work/rows.txt"
echo "leak detection: simple" >&2
serve simple
sent=0
load $((million / 10))
row
load $((million - million / 10))
row
for step in 4 5; do
  load $((step * million))
  row
done
stop_server

{
  echo "# $((sent)) requests to $model, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- three in five by gRPC (4 connections x 32 streams), the others by REST (64 connections)," \
    "new connections for each row; every answer has to be 200, and OK by the server's own count"
  echo "- native: what Salver itself holds outside the heap. LEAK lines: of Netty's leak detection in" \
    "the server's log"
  echo
  echo "Netty's default leak detection, one buffer in 128:"
  echo
  echo "$head"
  cat "$work/rows.txt"
  echo
  echo "Paranoid, every buffer:"
  echo
  echo "$head"
  echo "$paranoid"
} >"$work/report.md"
mv "$work/report.md" "$out"
cat "$out"
awk -F '|' '/^\| [0-9]/ { if ($3 + 0 != $2 + 0 || $4 + $5 > 0) bad = 1 } END { exit bad }' "$out" ||
  fail "a request failed or a buffer leaked: see $out"
