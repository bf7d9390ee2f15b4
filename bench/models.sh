#!/usr/bin/env bash
# Serves many small models of mixed formats in one server: how long its start takes until all are
# ready, that all answer, and what an idle one takes of memory.
#
#   bench/models.sh [MODELS]       200 unless told otherwise; needs the test data in ../shared
#
# Prints a table for bench/results. Ports: SALVER_BENCH_PORT (28500), SALVER_BENCH_REST_PORT (28501).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
port=${SALVER_BENCH_PORT:-28500}
rest_port=${SALVER_BENCH_REST_PORT:-28501}
models=${1:-200}
# shellcheck source=bench/lib.sh
. "$root/bench/lib.sh"
require curl:curl

data="$root/../shared/testdata"
[ -d "$data" ] || fail "$data is missing (the models of most formats come from there)"

# The kinds: a name, the version's files, and a request with the answer that it must get.
kinds=(onnx onnx_network tensorflow tflite xgboost lightgbm)
files_of() {
  case $1 in
    onnx) echo "$root/examples/models/half_plus_two/1/model.onnx" ;;
    onnx_network) echo "$root/examples/models/food_delivery_eta/2/model.onnx" ;;
    tensorflow) echo "$data/A_savedmodel/tfs_half_plus_two_cpu/saved_model_half_plus_two_cpu/00000123/." ;;
    tflite) echo "$data/C_tflite/tfs_tflite_half_plus_two/saved_model_half_plus_two_tflite/00000123/model.tflite" ;;
    xgboost) echo "$data/D_other/xgb_kserve_iris/python/xgbserver/xgbserver/example_model/json_model/model.json" ;;
    lightgbm) echo "$data/D_other/lgbm_mlserver_iris/iris-lightgbm.bst" ;;
  esac
}
request_of() {
  case $1 in
    onnx | tensorflow) echo '{"instances": [1.0, 2.0, 5.0]}' ;;
    onnx_network) echo '{"instances": [{"orders_ahead": 3, "outstanding_orders": 12, "courier_load": 0.7, "distance_km": 2.4, "hour_of_day": 19}]}' ;;
    tflite) echo '{"instances": [[1.0]]}' ;;
    xgboost) echo '{"instances": [[6.8, 2.8, 4.8, 1.4]]}' ;;
    lightgbm) echo '{"instances": [[6.8, 2.8, 4.8, 1.6]]}' ;;
  esac
}
answer_of() {
  case $1 in
    onnx | tensorflow) echo '[2.5,3.0,4.5]' ;;
    onnx_network) echo '[31.' ;;
    tflite) echo '[[2.5]]' ;;
    xgboost) echo '[1.0]' ;;
    lightgbm) echo '[[0.00034' ;;
  esac
}

# Lays out $1 models of the kinds given after it, and the configuration.
lay_out() {
  local count=$1 i kind name
  shift
  rm -rf "$work/models"
  echo "models:" >"$work/salver.yaml"
  for ((i = 0; i < count; i++)); do
    kind=${*:i % $# + 1:1}
    name="${kind}_$i"
    mkdir -p "$work/models/$name/1"
    cp -r "$(files_of "$kind")" "$work/models/$name/1/"
    echo "  - {name: $name, base_path: $work/models/$name}" >>"$work/salver.yaml"
  done
  # Files that changed just now would be waited for.
  sleep 3
}

serve() {
  start_server "$root/salver" serve --config="$work/salver.yaml" --port="$port" --rest_api_port="$rest_port"
}

answered=0
ask_all() {
  local directory name kind
  answered=0
  for directory in "$work"/models/*; do
    name=$(basename "$directory")
    kind=${name%_*}
    curl -s -m 10 -d "$(request_of "$kind")" "http://127.0.0.1:$rest_port/v1/models/$name:predict" |
      tr -d ' \n' | grep -qF "{\"predictions\":$(answer_of "$kind")" || fail "$name answers wrongly"
    answered=$((answered + 1))
  done
}

echo "# $models models of mixed formats in one server"
echo
echo "$(date +%F), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo)."
echo "Ready: from the command until /readyz says so, which is when every model is loaded and warm."
echo "Resident memory is taken after each model has answered one request."
echo
echo "| models | of | ready, ms | answered | resident, MiB | MiB for each more |"
echo "|---|---|---|---|---|---|"
for kind in "${kinds[@]}"; do
  for count in 1 50; do
    lay_out "$count" "$kind"
    serve
    ask_all
    resident=$(resident_kib)
    each=
    [ "$count" = 1 ] && first=$resident || each=$(awk "BEGIN { printf \"%.2f\", ($resident - $first) / 1024 / 49 }")
    echo "| $count | $kind | $ready_ms | $answered | $((resident / 1024)) | $each |"
    stop_server
  done
done
lay_out "$models" "${kinds[@]}"
serve
ask_all
echo "| $models | all of these | $ready_ms | $answered | $(($(resident_kib) / 1024)) | |"
