# What the measurements of this directory share; sourced by them. They set: root, rest_port.
# shellcheck shell=bash

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
  echo "$(basename "$0"): $*" >&2
  if [ -s "$work/server.log" ]; then
    echo "the end of the server's log:" >&2
    tail -n 20 "$work/server.log" >&2
  fi
  exit 1
}

# Takes command:package pairs.
require() {
  local tool
  for tool in "$@"; do
    command -v "${tool%%:*}" >/dev/null ||
      fail "${tool%%:*} is missing (Debian package: ${tool##*:})"
  done
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

# Runs one load once, for as many seconds as are configured: measure LOAD; appends to the load's columns: rate,
# CPU time in microseconds a request, median latency, 99th percentile.
measure() {
  local load=$1 before after n rate p50 p99 cpu
  before=$(cpu_ticks)
  "$load" "$seconds" >"$work/measured.txt"
  after=$(cpu_ticks)
  read -r n rate p50 p99 <"$work/measured.txt"
  cpu=$(awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v n="$n" \
    'BEGIN { printf "%.2f", t / hz * 1e6 / n }')
  echo "$rate $cpu $p50 $p99" >>"$work/$load.runs"
  echo "  $load: $rate requests/s, $cpu us CPU, p50 $p50 us, p99 $p99 us" >&2
}

# The median of one of a load's columns: column LOAD N.
column() { median $(cut -d ' ' -f "$2" "$work/$1.runs"); }

machine() {
  echo "- machine: $(lscpu | sed -n 's/^Model name: *//p' | head -n 1), $(nproc) cores," \
    "Linux $(uname -r)"
  echo "- JDK: $("$java" -version 2>&1 | sed -n 2p)"
  echo "- commit: $(git -C "$root" rev-parse --short HEAD)$(git -C "$root" diff --quiet HEAD -- . ':!bench/results' || echo ', with changes')"
  echo "- load average at the beginning: $(cut -d ' ' -f 1-3 /proc/loadavg)"
}

# Sends load and prints a line for each model; see OpenLoop. Its compiler would take turns with it on
# the one core: it stays with the quick one.
open_loop() {
  taskset -c "$client_core" "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    "$root/bench/src/main/java/io/salver/bench/OpenLoop.java" "$@"
}

# Writes a model of known cost into a version's directory: heavy_model DIRECTORY WIDTH LENGTH
heavy_model() {
  (cd "$root" && ./mvnw -q -pl examples -am -DskipTests package >"$work/build.log") ||
    fail "$(tail -n 20 "$work/build.log")"
  "$java" -cp "$root/core/target/classes:$root/examples/target/classes" \
    io.salver.examples.HeavyModel "$@"
}

# Writes a request for a load to send; see RequestFile.
request_file() {
  "$java" -cp "$root/core/target/classes" \
    "$root/bench/src/main/java/io/salver/bench/RequestFile.java" "$@"
}

# Loads. Each prints: requests, requests/s, p50 and p99 in us. They need: client_core.

# grpc_load CONNECTIONS STREAMS SECONDS PORT METHOD MESSAGE_FILE
grpc_load() {
  local clients=$1 streams=$2 duration=$3
  rm -f "$work/requests.log"
  taskset -c "$client_core" h2load -t 1 -c "$clients" -m "$streams" -D "$duration" \
    -d "$6" -H 'content-type: application/grpc' -H 'te: trailers' \
    --log-file="$work/requests.log" "http://127.0.0.1:$4/$5" >"$work/h2load.txt" ||
    fail "h2load failed: $(tail -n 3 "$work/h2load.txt")"
  awk -v seconds="$duration" '
    /^requests:/ { ok = $8; bad = $10 + $12 + $14 }
    END { if (ok == 0 || bad > 0) exit 1; printf "%d %.1f ", ok, ok / seconds }' \
    "$work/h2load.txt" || fail "h2load: $(grep '^requests:' "$work/h2load.txt")"
  cut -f 3 "$work/requests.log" | sort -n |
    awk '{ v[NR] = $1 } END { print v[int((NR + 1) * 0.5)], v[int((NR + 1) * 0.99)] }'
}

# http_load CONNECTIONS SECONDS URL WRK_SCRIPT
http_load() {
  taskset -c "$client_core" wrk -t 1 -c "$1" -d "${2}s" --latency -s "$4" "$3" \
    >"$work/wrk.txt" || fail "wrk failed: $(tail -n 3 "$work/wrk.txt")"
  if grep -qE 'Non-2xx|Socket errors' "$work/wrk.txt"; then
    fail "wrk: $(grep -E 'Non-2xx|Socket errors' "$work/wrk.txt")"
  fi
  awk '
    function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1000000 }
    $1 == "50%" { p50 = us($2) }
    $1 == "99%" { p99 = us($2) }
    /requests in/ { n = $1 }
    /^Requests\/sec:/ { rate = $2 }
    END { printf "%d %.1f %.0f %.0f\n", n, rate, p50, p99 }' "$work/wrk.txt"
}

# Fails unless a unary gRPC call is answered with status 0: check_grpc PORT METHOD MESSAGE_FILE
check_grpc() {
  curl -s -m 20 --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' \
    -v -o "$work/answer.bin" --data-binary "@$3" "http://127.0.0.1:$1/$2" 2>"$work/curl.txt" ||
    fail "gRPC $2: $(tail -n 3 "$work/curl.txt")"
  grep -qi 'grpc-status: 0' "$work/curl.txt" ||
    fail "gRPC $2: $(grep -i 'grpc-' "$work/curl.txt") (expected: grpc-status: 0)"
}
