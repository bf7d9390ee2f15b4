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
out=${1:-$here/results/$(date +%F)-load.md}

work=$(mktemp -d)
server=

stop_server() {
  [ -n "$server" ] || return 0
  kill -TERM "$server" 2>/dev/null || true
  for _ in $(seq 200); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  server=
}

clean_up() {
  stop_server
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

fail() {
  echo "load.sh: $*" >&2
  if [ -s "$work/server.log" ]; then
    echo "the end of the server's log:" >&2
    tail -n 20 "$work/server.log" >&2
  fi
  exit 1
}

require() {
  command -v "$1" >/dev/null || fail "$1 is missing (Debian package: $2)"
}

microseconds_now() {
  local now=${EPOCHREALTIME/[.,]/}
  echo "$now"
}

# Prints the median of the numbers given.
median() {
  printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

is_ready() {
  [ "$(curl -s -o /dev/null -m 1 -w '%{http_code}' "http://127.0.0.1:$rest_port/readyz")" = 200 ]
}

# Starts the command given as the server, and waits until it is ready; sets ready_ms.
start_server() {
  local begin
  if is_ready; then
    fail "port $rest_port: something else is served there (choose SALVER_BENCH_REST_PORT)"
  fi
  begin=$(microseconds_now)
  "$@" >"$work/server.log" 2>&1 &
  server=$!
  until is_ready; do
    kill -0 "$server" 2>/dev/null || fail "the server ended before it was ready"
    [ $(($(microseconds_now) - begin)) -lt 60000000 ] || fail "the server was not ready within 60 s"
    sleep 0.005
  done
  ready_ms=$((($(microseconds_now) - begin) / 1000))
}

resident_kib() {
  awk '/^VmRSS:/ { print $2 }' "/proc/$server/status"
}

# User and system time of the server so far, in clock ticks. The command's name may hold spaces.
cpu_ticks() {
  sed 's/^.*) //' "/proc/$server/stat" | awk '{ print $12 + $13 }'
}

# Loads. Each takes a number of seconds, and prints: requests, requests/s, p50 and p99 in us.

h2load_grpc() {
  local clients=$1 streams=$2 duration=$3
  rm -f "$work/requests.log"
  taskset -c "$client_core" h2load -t 1 -c "$clients" -m "$streams" -D "$duration" \
    -d "$work/predict.bin" -H 'content-type: application/grpc' -H 'te: trailers' \
    --log-file="$work/requests.log" \
    "http://127.0.0.1:$grpc_port/tensorflow.serving.PredictionService/Predict" >"$work/h2load.txt" ||
    fail "h2load failed: $(tail -n 3 "$work/h2load.txt")"
  awk -v seconds="$duration" '
    /^requests:/ { ok = $8; bad = $10 + $12 + $14 }
    END { if (ok == 0 || bad > 0) exit 1; printf "%d %.0f ", ok, ok / seconds }' \
    "$work/h2load.txt" || fail "h2load: $(grep '^requests:' "$work/h2load.txt")"
  cut -f 3 "$work/requests.log" | sort -n |
    awk '{ v[NR] = $1 } END { print v[int((NR + 1) * 0.5)], v[int((NR + 1) * 0.99)] }'
}

grpc_busy() { h2load_grpc 4 32 "$1"; }
grpc_single() { h2load_grpc 1 1 "$1"; }

wrk_http() {
  local clients=$1 duration=$2
  taskset -c "$client_core" wrk -t 1 -c "$clients" -d "${duration}s" --latency -s "$work/post.lua" \
    "http://127.0.0.1:$rest_port/v1/models/$model:predict" >"$work/wrk.txt" ||
    fail "wrk failed: $(tail -n 3 "$work/wrk.txt")"
  if grep -qE 'Non-2xx|Socket errors' "$work/wrk.txt"; then
    fail "wrk: $(grep -E 'Non-2xx|Socket errors' "$work/wrk.txt")"
  fi
  awk '
    function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1000000 }
    $1 == "50%" { p50 = us($2) }
    $1 == "99%" { p99 = us($2) }
    /requests in/ { n = $1 }
    /^Requests\/sec:/ { rate = $2 }
    END { printf "%d %.0f %.0f %.0f\n", n, rate, p50, p99 }' "$work/wrk.txt"
}

http_busy() { wrk_http 64 "$1"; }
http_single() { wrk_http 1 "$1"; }

# Runs one load $runs times and prints a row of the table with each column's median.
row() {
  local title=$1 load=$2 rates=() cpus=() p50s=() p99s=() before after n rate p50 p99
  echo "$title" >&2
  "$load" "$warmup_seconds" >/dev/null
  for _ in $(seq "$runs"); do
    before=$(cpu_ticks)
    "$load" "$seconds" >"$work/measured.txt"
    after=$(cpu_ticks)
    read -r n rate p50 p99 <"$work/measured.txt"
    rates+=("$rate")
    p50s+=("$p50")
    p99s+=("$p99")
    cpus+=("$(awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v n="$n" \
      'BEGIN { printf "%.2f", t / hz * 1e6 / n }')")
    echo "  $rate requests/s, ${cpus[-1]} us CPU, p50 $p50 us, p99 $p99 us" >&2
  done
  echo "| $title | $(median "${rates[@]}") | $(median "${cpus[@]}") | $(median "${p50s[@]}") |" \
    "$(median "${p99s[@]}") |"
}

# Both protocols have to answer 1 / 2 + 2 before anything is measured.
check_answers() {
  local answer
  answer=$(curl -s -m 5 -d "$json" "http://127.0.0.1:$rest_port/v1/models/$model:predict")
  grep -q '2\.5' <<<"$answer" || fail "REST answered: $answer (expected: 2.5)"
  curl -s -m 5 --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' \
    -v -o "$work/answer.bin" --data-binary "@$work/predict.bin" \
    "http://127.0.0.1:$grpc_port/tensorflow.serving.PredictionService/Predict" 2>"$work/curl.txt" ||
    fail "gRPC: $(tail -n 3 "$work/curl.txt")"
  grep -qi 'grpc-status: 0' "$work/curl.txt" ||
    fail "gRPC answered: $(grep -i 'grpc-' "$work/curl.txt") (expected: grpc-status: 0)"
}

machine() {
  echo "- machine: $(lscpu | sed -n 's/^Model name: *//p' | head -n 1), $(nproc) cores," \
    "Linux $(uname -r)"
  echo "- JDK: $("$java" -version 2>&1 | sed -n 2p)"
  echo "- commit: $(git -C "$root" rev-parse --short HEAD)$(git -C "$root" diff --quiet HEAD || echo ', with changes')"
  echo "- load average at the beginning: $(cut -d ' ' -f 1-3 /proc/loadavg)"
}

for tool in h2load:nghttp2-client wrk:wrk curl:curl taskset:util-linux; do
  require "${tool%%:*}" "${tool##*:}"
done
[ "$(nproc)" -ge 2 ] || fail "cores: $(nproc) (expected: at least 2, one for the server alone)"

"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
json='{"instances": [1.0]}'
"$java" -cp "$root/core/target/classes" "$here/src/main/java/io/salver/bench/PredictBody.java" \
  "$work/predict.bin" "$model" "$input"
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

{
  row 'gRPC, 4 connections x 32 streams' grpc_busy
  row 'HTTP/1.1 keep-alive, 64 connections' http_busy
  row 'gRPC, 1 connection, one at a time' grpc_single
  row 'HTTP/1.1, 1 connection, one at a time' http_single
} >"$work/rows.txt"
loaded_kib=$(resident_kib)

{
  echo "# Load on $model, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- server on core $server_core, load generator on core $client_core, loopback;" \
    "each row warmed for $warmup_seconds s, then the median of $runs runs of $seconds s"
  echo
  echo '| load | requests/s | server CPU, us per request | p50, us | p99, us |'
  echo '|---|---:|---:|---:|---:|'
  cat "$work/rows.txt"
  echo
  echo '| | |'
  echo '|---|---:|'
  echo "| \`./salver demo\`, start to ready, all cores, median of 5 | $(median "${starts[@]}") ms |"
  echo "| resident memory with this one model, ready | $((idle_kib / 1024)) MiB |"
  echo "| the same after the load | $((loaded_kib / 1024)) MiB |"
} >"$work/report.md"
mkdir -p "$(dirname "$out")"
mv "$work/report.md" "$out"
cat "$out"
