#!/usr/bin/env bash
# Measures a random forest of scikit-learn behind a worker against the same model behind Flask and
# gunicorn, and against the same forest as ONNX. Writes bench/results/<date>-process.md. Needs wrk, and
# Debian's python3-sklearn, python3-flask, gunicorn and python3-onnx.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(dirname "$here")

rest_port=${SALVER_BENCH_REST_PORT:-18501}
server_core=${SALVER_BENCH_SERVER_CORE:-0}
client_core=${SALVER_BENCH_CLIENT_CORE:-1}
seconds=${SALVER_BENCH_SECONDS:-8}
warmup_seconds=${SALVER_BENCH_WARMUP_SECONDS:-6}
runs=${SALVER_BENCH_RUNS:-3}
clients=64
python=${SALVER_BENCH_PYTHON:-/usr/bin/python3}
out=${1:-$here/results/$(date +%F)-process.md}

# shellcheck source=bench/lib.sh
. "$here/lib.sh"

# User and system time so far of the server and of all that it has started, in clock ticks.
tree_ticks() {
  local total=0 pid
  for pid in "$server" $(pgrep -d ' ' -P "$server" || true); do
    total=$((total + $(sed 's/^.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')))
  done
  echo "$total"
}

# serve WHAT: starts it on the server's core, and sets path.
serve() {
  case $1 in
    flask)
      path=predict
      start_server taskset -c "$server_core" env OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
        "$python" -m gunicorn --chdir "$work/models/flask" --worker-class gthread --workers 1 \
        --threads 8 --keep-alive 60 --bind "127.0.0.1:$rest_port" app:app
      ;;
    *)
      path=v1/models/$1:predict
      start_server taskset -c "$server_core" "$root/salver" serve --port=0 \
        "--rest_api_port=$rest_port" "--model_name=$1" "--model_base_path=$work/models/$1"
      ;;
  esac
}

check_answers() {
  local labels
  labels=$(curl -s -m 60 -H 'content-type: application/json' -d "@$work/models/rows.json" \
    "http://127.0.0.1:$rest_port/$path" | "$python" -c \
    'import json, sys; print(*json.load(sys.stdin)["predictions"])')
  [ "$labels" = "$(cat "$work/models/labels.txt")" ] || fail "$1: other labels: $labels"
}

# measure WHAT: appends rows/s, CPU in us per row, p50 and p99 of a run.
measure() {
  local before n rate p50 p99
  before=$(tree_ticks)
  http_load "$clients" "$seconds" "http://127.0.0.1:$rest_port/$path" "$work/post.lua" \
    >"$work/measured.txt"
  read -r n rate p50 p99 <"$work/measured.txt"
  awk -v t=$(($(tree_ticks) - before)) -v hz="$(getconf CLK_TCK)" -v n="$n" \
    -v rest="$p50 $p99" -v rate="$rate" \
    'BEGIN { printf "%s %.1f %s\n", rate, t / hz * 1e6 / n, rest }' >>"$work/$1.runs"
  tail -n 1 "$work/$1.runs" >&2
}

ratio() { awk -v a="$(column "$1" 2)" -v b="$(column "$2" 2)" 'BEGIN { printf "%.0f", b / a }'; }
row() {
  echo "| $1 | $(column "$2" 1) | $(column "$2" 2) | $(column "$2" 3) | $(column "$2" 4) |" \
    "$(ratio "$2" flask) |"
}

require wrk:wrk curl:curl taskset:util-linux pgrep:procps
"$root/salver" --version >&2 # builds, if need be
java=$("$root/scripts/find-jdk25")/bin/java
mkdir "$work/models"
"$python" "$here/process_models.py" "$work/models"
echo "worker: {python: $python}" >"$work/models/worker/1/model.yaml"
cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.body = '$(cat "$work/models/row.json")'
wrk.headers["Content-Type"] = "application/json"
LUA
machine >"$work/machine.txt"

for _ in $(seq "$runs"); do
  for what in flask worker onnx; do
    serve "$what"
    check_answers "$what"
    http_load "$clients" "$warmup_seconds" "http://127.0.0.1:$rest_port/$path" "$work/post.lua" \
      >/dev/null
    measure "$what"
    stop_server
  done
done

{
  echo "# A random forest of scikit-learn behind a worker, $(date +%F)"
  echo
  cat "$work/machine.txt"
  echo "- $("$python" -c 'import platform, sklearn, flask, gunicorn
print("Python", platform.python_version() + ", scikit-learn", sklearn.__version__
      + ", Flask", flask.__version__ + ", gunicorn", gunicorn.__version__)')"
  echo "- 100 trees, 20 features, 3 classes; one row in a request, by REST; $clients connections, all kept" \
    "open; the server and all its processes on core $server_core, the load on core $client_core; each" \
    "warmed for $warmup_seconds s, then the median of $runs runs of $seconds s in turns"
  echo "- Flask: gunicorn with one worker of 8 threads; 200 rows are labelled alike by all three"
  echo
  echo "| | rows/s | server CPU, us per row | p50, us | p99, us | rows by CPU, as a multiple of Flask's |"
  echo "|---|---:|---:|---:|---:|---:|"
  row "Flask and gunicorn" flask
  row "the same pickle behind a worker" worker
  row "the same forest as ONNX" onnx
} >"$out"
cat "$out"
