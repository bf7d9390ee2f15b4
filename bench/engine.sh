#!/usr/bin/env bash
# Measures how much of an engine's own speed is left when a model is served, and what batching adds
# to a model whose runs have a fixed cost. Writes bench/results/<date>-engine.md, and the plot
# docs/explanation/batching.svg. See bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

grpc_port=${SALVER_BENCH_GRPC_PORT:-18500}
rest_port=${SALVER_BENCH_REST_PORT:-18501}
engine_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
seconds=${SALVER_BENCH_SECONDS:-6}
warmup_seconds=${SALVER_BENCH_WARMUP_SECONDS:-6}
runs=${SALVER_BENCH_RUNS:-3}
objective_ms=50
data=${SALVER_TESTDATA:-$root/../shared/testdata}
out=${1:-$here/results/$(date +%F)-engine.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

predict=tensorflow.serving.PredictionService/Predict
infer=inference.GRPCInferenceService/ModelInfer

# The engine alone, on one core: prints rows/s.
bare() {
  taskset -c "$engine_core" "$java" --enable-native-access=ALL-UNNAMED \
    -cp "$here/target/classes:$(cat "$here/target/classpath")" \
    io.salver.bench.EngineLoop "$work/models/$1/1" "$2" "$seconds" | cut -d ' ' -f 2
}

# serve MODEL BATCHING: one event loop, and one thread that runs the model.
serve() {
  cat >"$work/salver.yaml" <<YAML
listen: {grpc_port: $grpc_port, rest_port: $rest_port, event_loops: 1}
engines: {instances: 1, inline_bound: 0us}
models:
  - name: $1
    base_path: $work/models/$1
    batching: $2
YAML
  start_server "$root/salver" serve "--config=$work/salver.yaml"
}

# Gives the thread that runs the model the core of the engine alone, and all others the client's.
pin() {
  local thread
  for thread in /proc/"$server"/task/*; do
    case $(cat "$thread/comm") in
      salver-run*) taskset -cp "$engine_core" "${thread##*/}" ;;
      *) taskset -cp "$client_core" "${thread##*/}" ;;
    esac
  done >/dev/null
}

# served MODEL INPUT TYPE DIM...: prints a row of the table for each way to ask.
served() {
  local model=$1 shape=("${@:4}") head ways way load
  request_file tfserving-grpc "$work/predict.bin" "$model" "$2" "$3" "${shape[@]}"
  request_file oip-grpc "$work/infer.bin" "$model" "$2" "$3" "${shape[@]}"
  head=$(request_file oip-http "$work/infer.http" "$model" "$2" "$3" "${shape[@]}")
  cat >"$work/infer.lua" <<LUA
local file = assert(io.open("$work/infer.http", "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Inference-Header-Content-Length"] = "$head"
LUA
  declare -A loads=(
    ['gRPC Predict']="grpc_load 1 $streams %s $grpc_port $predict $work/predict.bin"
    ['Open Inference gRPC, raw contents']="grpc_load 1 $streams %s $grpc_port $infer $work/infer.bin"
    ['Open Inference REST, binary']="http_load $streams %s http://127.0.0.1:$rest_port/v2/models/$model/infer $work/infer.lua"
  )
  serve "$model" '{mode: off}'
  check_grpc "$grpc_port" "$predict" "$work/predict.bin"
  for way in "${!loads[@]}"; do
    # shellcheck disable=SC2059
    $(printf "${loads[$way]}" "$warmup_seconds") >/dev/null
    pin
    : >"$work/pairs"
    for _ in $(seq "$runs"); do
      # The engine alone and served, in turns: what else the machine does falls on both.
      kill -STOP "$server"
      alone=$(bare "$model" 1)
      kill -CONT "$server"
      # shellcheck disable=SC2059
      load=$($(printf "${loads[$way]}" "$seconds"))
      awk -v alone="$alone" -v served="$(cut -d ' ' -f 2 <<<"$load")" \
        'BEGIN { print alone, served, 100 * served / alone }' >>"$work/pairs"
    done
    echo "  $model, $way: $(tr '\n' ';' <"$work/pairs")" >&2
    printf '| %s | %s | %.0f | %.0f | %.1f %% |\n' "$model" "$way" \
      "$(column 1)" "$(column 2)" "$(column 3)"
  done
  stop_server
}

column() { median $(cut -d ' ' -f "$1" "$work/pairs"); }

# ramp NAME BATCHING: throughput and latency for more and more clients; into $work/NAME.tsv
ramp() {
  local clients sent rate p50 p99 refused others
  serve dense "$2"
  closed "$warmup_seconds" 16 >/dev/null
  for clients in 1 2 4 8 12 16 32 48 64 96 128; do
    read -r sent rate p50 p99 refused others < <(closed "$seconds" "$clients")
    [ "$others" = 0 ] || fail "$others of $sent requests failed"
    echo "  $1, $clients clients: $rate/s, p99 $p99 us, $refused refused" >&2
    awk -v c="$clients" -v rate="$rate" -v p99="$p99" -v refused="$refused" \
      'BEGIN { printf "%d\t%.1f\t%.2f\t%d\n", c, rate, p99 / 1000, refused }' >>"$work/$1.tsv"
  done
  stop_server
}

# closed SECONDS CLIENTS
closed() { open_loop closed "$rest_port" "$1" dense "$2" 2>/dev/null; }

# The highest throughput within the objective.
within_objective() {
  awk -v objective="$objective_ms" '$3 <= objective && $2 > best { best = $2 } END { print best }' \
    "$work/$1.tsv"
}

ramp_table() {
  paste "$work/single.tsv" "$work/batched.tsv" |
    awk '{ printf "| %d | %.0f | %.1f | %.0f | %.1f | %d |\n", $1, $2, $3, $6, $7, $8 }'
}

plot() {
  gnuplot <<GNUPLOT
set terminal svg size 760,420 font 'sans-serif,13' background 'white'
set output '$root/docs/explanation/batching.svg'
set title 'One dense layer of 4096 x 4096, one engine thread'
set xlabel 'requests/s answered'
set ylabel 'p99 latency, ms'
set key top left
set grid
set yrange [0:150]
set arrow from graph 0, first $objective_ms to graph 1, first $objective_ms nohead dashtype 2
set label 'objective' at graph 0.98, first $((objective_ms + 5)) right
plot '$work/single.tsv' using 2:3 with linespoints pt 7 title 'one request a run', \
  '$work/batched.tsv' using 2:3 with linespoints pt 5 title 'batched'
GNUPLOT
}

require h2load:nghttp2-client wrk:wrk curl:curl taskset:util-linux gnuplot:gnuplot-nox
[ "$(nproc)" -ge 2 ] || fail "cores: $(nproc) (expected: at least 2)"
[ -d "$data" ] || fail "$data is not there (expected: real models, or SALVER_TESTDATA to say where)"

"$root/salver" --version >&2 # builds, if need be
(cd "$root" && ./mvnw -q -pl bench -am -DskipTests package dependency:build-classpath \
  -Dmdep.outputFile=target/classpath >"$work/build.log") || fail "$(tail -n 20 "$work/build.log")"
java=$("$root/scripts/find-jdk25")/bin/java
mkdir -p "$work/models"/{squeezenet,mnist}/1
cp "$data/B_onnx/squeezenet_fp16_imagenet/SharedContent/models/SqueezeNet_fp16.onnx" \
  "$work/models/squeezenet/1/model.onnx"
cp "$data/B_onnx/libonnx_mnist_8_golden/mnist_8/model.onnx" "$work/models/mnist/1/model.onnx"
heavy_model "$work/models/dense/1" 4096 1
machine >"$work/machine.txt"

{
  streams=4 served squeezenet data_0 FP16 1 3 224 224
  streams=64 served mnist Input3 FP32 1 1 28 28
} >"$work/bound.txt"

ramp single '{mode: off}'
ramp batched "{latency_objective: ${objective_ms}ms}"
plot

{
  echo "# Engine-bound models and batching, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- load generator on core $client_core; the server has one event loop and one thread that" \
    "runs the model"
  echo
  echo '## How much of the engine is left'
  echo
  echo "One row in each request and each run. The engine alone is a loop in one thread on core" \
    "$engine_core; when served, the thread that runs the model has that core, and all others of" \
    "the server share core $client_core with the load generator. Pairs of $seconds s in turns; medians of $runs."
  echo
  echo '| model | asked by | engine alone, rows/s | served, rows/s | share |'
  echo '|---|---|---:|---:|---:|'
  cat "$work/bound.txt"
  echo
  echo '## What batching adds'
  echo
  echo "A dense layer of 4096 x 4096: its 64 MiB of weights are read from memory for each run." \
    "$seconds s each, REST."
  echo
  echo '| clients that wait | one a run: answered/s | p99, ms | batched: answered/s | p99, ms | refused |'
  echo '|---:|---:|---:|---:|---:|---:|'
  ramp_table
  echo
  echo "Most answers/s with p99 within $objective_ms ms: one a run $(within_objective single)," \
    "batched $(within_objective batched)," \
    "$(awk -v a="$(within_objective single)" -v b="$(within_objective batched)" \
      'BEGIN { printf "%.1f", b / a }') times as many."
} >"$work/report.md"
mkdir -p "$(dirname "$out")"
mv "$work/report.md" "$out"
cat "$out"
