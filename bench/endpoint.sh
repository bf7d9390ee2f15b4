#!/usr/bin/env bash
# Measures what an endpoint that splits costs: the server's CPU time for each request by the endpoint's name
# and by the model's, in turns. Writes a table to bench/results/<date>-endpoint.md. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

model=half_plus_two
grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
server_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
seconds=${SALVER_BENCH_SECONDS:-6}
warmup_seconds=${SALVER_BENCH_WARMUP_SECONDS:-15}
runs=${SALVER_BENCH_RUNS:-5}
out=${1:-$here/results/$(date +%F)-endpoint.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"
trap clean_up EXIT

predict=tensorflow.serving.PredictionService/Predict
json='{"instances": [1.0]}'

java=$("$root/scripts/find-jdk25")/bin/java

grpc_direct() { grpc_load 4 32 "$1" "$grpc_port" "$predict" "$work/direct.bin"; }
grpc_split() { grpc_load 4 32 "$1" "$grpc_port" "$predict" "$work/split.bin"; }
rest_direct() { http_load 64 "$1" "http://127.0.0.1:$rest_port/v1/models/$model:predict" "$work/post.lua"; }
rest_split() { http_load 64 "$1" "http://127.0.0.1:$rest_port/v1/models/split:predict" "$work/post.lua"; }

row() {
  local direct split
  direct=$(column "$2_direct" 2)
  split=$(column "$2_split" 2)
  echo "| $1 | $direct | $split | $(awk -v a="$direct" -v b="$split" 'BEGIN { printf "%+.2f", b - a }') |"
}

require h2load:nghttp2-client wrk:wrk curl:curl taskset:util-linux
"$root/salver" --version >&2 # builds, if need be
request_file tfserving-grpc "$work/direct.bin" "$model" x FP32 1
request_file tfserving-grpc "$work/split.bin" split x FP32 1
cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.body = '$json'
wrk.headers["Content-Type"] = "application/json"
LUA
cat >"$work/salver.yaml" <<YAML
models:
  - {name: $model, base_path: $root/examples/models/$model}
endpoints:
  - name: split
    policy: {type: split, routes: [{model: $model, weight: 70}, {model: $model, version: 1, weight: 30}]}
YAML
machine >"$work/machine.txt"
start_server taskset -c "$server_core" "$root/salver" serve "--config=$work/salver.yaml" \
  "--port=$grpc_port" "--rest_api_port=$rest_port"
check_grpc "$grpc_port" "$predict" "$work/split.bin"
for load in grpc_direct grpc_split rest_direct rest_split; do
  echo "warm-up: $load" >&2
  "$load" "$warmup_seconds" >/dev/null
done
for run in $(seq "$runs"); do
  echo "run $run" >&2
  for load in grpc_direct grpc_split rest_direct rest_split; do
    measure "$load"
  done
done
{
  echo "# What an endpoint that splits costs"
  echo
  cat "$work/machine.txt"
  echo
  echo "Medians of $runs runs of $seconds s in turns; the server on one core. Microseconds of the server's CPU"
  echo "time for each request, by the model's name and by the name of an endpoint with two weights. An answer of"
  echo "the endpoint carries three headers more, one of them the prediction's id."
  echo
  echo "| | model | endpoint | more |"
  echo "|---|---|---|---|"
  row "gRPC Predict, 4 connections x 32 streams" grpc
  row "REST predict, 64 connections" rest
} >"$out"
cat "$out"
