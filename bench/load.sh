#!/usr/bin/env bash
# Measures a served model from outside: throughput, latency, and the server's CPU time per request.
# Writes a table to bench/results/<date>-load.md. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

model=half_plus_two
input=x
base_path=$root/examples/models/$model
grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
server_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
seconds=${SALVER_BENCH_SECONDS:-8}
warmup_seconds=${SALVER_BENCH_WARMUP_SECONDS:-15}
runs=${SALVER_BENCH_RUNS:-3}
echo_port=${SALVER_BENCH_ECHO_PORT:-18502}
out=${1:-$here/results/$(date +%F)-load.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

echo_server=
stop_echo() {
  [ -z "$echo_server" ] || kill "$echo_server" 2>/dev/null || true
}
trap 'stop_echo; clean_up' EXIT

predict=tensorflow.serving.PredictionService/Predict
infer=inference.GRPCInferenceService/ModelInfer

# Loads. Each takes a number of seconds.

grpc_predict() { grpc_load 4 32 "$1" "$grpc_port" "$predict" "$work/predict.bin"; }
grpc_infer() { grpc_load 4 32 "$1" "$grpc_port" "$infer" "$work/infer.bin"; }
http_predict() {
  http_load 64 "$1" "http://127.0.0.1:$rest_port/v1/models/$model:predict" "$work/post.lua"
}

# The singles, in the order of their lines.
singles="single_echo single_http_predict single_grpc_predict single_grpc_infer"
round_trips() {
  taskset -c "$client_core" "$java" "$here/src/main/java/io/salver/bench/RoundTrips.java" "$1" \
    echo "$echo_port" 128 \
    http "$rest_port" "/v1/models/$model:predict" "$json" \
    grpc "$grpc_port" "/$predict" "$work/predict.bin" \
    grpc "$grpc_port" "/$infer" "$work/infer.bin"
}

# Runs all singles once, in turns; appends to their columns, the server's CPU time left out.
measure_singles() {
  local load n rate p50 p99
  round_trips $((4 * seconds)) >"$work/measured.txt"
  for load in $singles; do
    read -r n rate p50 p99
    echo "$rate - $p50 $p99" >>"$work/$load.runs"
    echo "  $load: $n, p50 $p50 us, p99 $p99 us" >&2
  done <"$work/measured.txt"
}

# Prints a row of the table with each column's median: row TITLE LOAD
row() {
  echo "| $1 | $(column "$2" 1) | $(column "$2" 2) | $(column "$2" 3) | $(column "$2" 4) |"
}

# By how much the median latency of a load is above that of the echo in the same run.
above_echo() {
  local differences
  differences=$(paste -d ' ' "$work/single_echo.runs" "$work/$1.runs" |
    awk '{ printf "%.1f\n", $7 - $3 }')
  echo "$(median $differences) us"
}

# All protocols have to answer 1 / 2 + 2 before anything is measured.
check_answers() {
  local answer
  answer=$(curl -s -m 5 -d "$json" "http://127.0.0.1:$rest_port/v1/models/$model:predict")
  grep -q '2\.5' <<<"$answer" || fail "REST answered: $answer (expected: 2.5)"
  check_grpc "$grpc_port" "$predict" "$work/predict.bin"
  check_grpc "$grpc_port" "$infer" "$work/infer.bin"
}

require h2load:nghttp2-client wrk:wrk curl:curl taskset:util-linux
[ "$(nproc)" -ge 2 ] || fail "cores: $(nproc) (expected: at least 2, one for the server alone)"

"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
json='{"instances": [1.0]}'
request_file tfserving-grpc "$work/predict.bin" "$model" "$input" FP32 1
request_file oip-grpc "$work/infer.bin" "$model" "$input" FP32 1
cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.body = '$json'
wrk.headers["Content-Type"] = "application/json"
LUA
machine >"$work/machine.txt"
flags=("--port=$grpc_port" "--rest_api_port=$rest_port")

echo "demo: start" >&2
starts=()
for _ in $(seq 5); do
  start_server "$root/salver" demo "${flags[@]}"
  starts+=("$ready_ms")
  stop_server
done

start_server taskset -c "$server_core" "$root/salver" serve "${flags[@]}" \
  "--model_name=$model" "--model_base_path=$base_path"
check_answers
idle_kib=$(resident_kib)
loads="grpc_predict grpc_infer http_predict"
for load in $loads; do
  echo "warm-up: $load" >&2
  "$load" "$warmup_seconds" >/dev/null
done
taskset -c "$server_core" "$java" "$here/src/main/java/io/salver/bench/RoundTrips.java" \
  echo-server "$echo_port" &
echo_server=$!
sleep 2
echo "warm-up: one at a time" >&2
round_trips $((4 * warmup_seconds)) >/dev/null
loaded_kib=$(resident_kib)
# In turns, so that what else the machine does falls on all of them.
for _ in $(seq "$runs"); do
  for load in $loads; do
    measure "$load"
  done
  measure_singles
done

{
  echo "# Load on $model, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- server on core $server_core, load generator on core $client_core, loopback;" \
    "each load warmed for $warmup_seconds s, then the median of $runs runs of $seconds s in turns"
  echo
  echo '| load | requests/s | server CPU, us per request | p50, us | p99, us |'
  echo '|---|---:|---:|---:|---:|'
  row 'gRPC Predict, 4 connections x 32 streams' grpc_predict
  row 'Open Inference gRPC, raw contents, 4 connections x 32 streams' grpc_infer
  row 'HTTP/1.1 keep-alive, 64 connections' http_predict
  row 'bare TCP echo of 128 bytes, one at a time' single_echo
  row 'HTTP/1.1, 1 connection, one at a time' single_http_predict
  row 'gRPC Predict, 1 connection, one at a time' single_grpc_predict
  row 'Open Inference gRPC, 1 connection, one at a time' single_grpc_infer
  echo
  echo '| | |'
  echo '|---|---:|'
  echo "| \`./salver demo\`, start to ready, all cores, median of 5 | $(median "${starts[@]}") ms |"
  echo "| median latency above the echo's: HTTP/1.1 | $(above_echo single_http_predict) |"
  echo "| the same, gRPC Predict | $(above_echo single_grpc_predict) |"
  echo "| the same, Open Inference gRPC | $(above_echo single_grpc_infer) |"
  echo "| resident memory with this one model, ready | $((idle_kib / 1024)) MiB |"
  echo "| the same after the load | $((loaded_kib / 1024)) MiB |"
} >"$work/report.md"
mkdir -p "$(dirname "$out")"
mv "$work/report.md" "$out"
cat "$out"
