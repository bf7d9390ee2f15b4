"""Writes what bench/process.sh serves, into the directory given: a random forest of scikit-learn as a
pickle, the same forest as ONNX, the worker's script and the Flask application. Debian's python3-sklearn
and python3-onnx."""

import pickle
import sys
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

FEATURES = 20
TREES = 100

WORKER = """\
import pickle
from salver_worker import serve

model = pickle.load(open("forest.pkl", "rb"))
serve(lambda x: model.predict(x), {"x": ("float32", [-1, %d])}, {"label": ("int64", [-1])})
""" % FEATURES

FLASK = """\
import pickle
import numpy
from flask import Flask, jsonify, request

app = Flask(__name__)
model = pickle.load(open("forest.pkl", "rb"))

@app.get("/readyz")
def ready():
    return "ready"

@app.post("/predict")
def predict():
    x = numpy.array(request.get_json()["instances"], numpy.float32)
    return jsonify(predictions=model.predict(x).tolist())
"""


def below(threshold):
    """The largest 32-bit float that is not above: a 32-bit x goes the same way by either."""
    rounded = numpy.float32(threshold)
    return rounded if rounded <= threshold else numpy.nextafter(rounded, numpy.float32(-numpy.inf))


def to_onnx(forest):
    """The forest as one TreeEnsembleClassifier, whose leaves hold each class's share."""
    nodes = {name: [] for name in (
        "treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    leaves = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        for node in range(tree.node_count):
            leaf = tree.children_left[node] < 0
            nodes["treeids"].append(number)
            nodes["nodeids"].append(node)
            nodes["featureids"].append(0 if leaf else int(tree.feature[node]))
            nodes["values"].append(0.0 if leaf else float(below(tree.threshold[node])))
            nodes["modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            nodes["truenodeids"].append(0 if leaf else int(tree.children_left[node]))
            nodes["falsenodeids"].append(0 if leaf else int(tree.children_right[node]))
            if leaf:
                shares = tree.value[node][0] / tree.value[node][0].sum() / TREES
                for label, share in enumerate(shares):
                    leaves["treeids"].append(number)
                    leaves["nodeids"].append(node)
                    leaves["ids"].append(label)
                    leaves["weights"].append(float(share))
    attributes = {"nodes_" + name: values for name, values in nodes.items()}
    attributes.update({"class_" + name: values for name, values in leaves.items()})
    ensemble = helper.make_node(
        "TreeEnsembleClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml",
        classlabels_int64s=[int(label) for label in forest.classes_], post_transform="NONE",
        **attributes)
    graph = helper.make_graph(
        [ensemble], "forest",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", FEATURES])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, ["n"])])
    return helper.make_model(
        graph, ir_version=8,
        opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)])


def main(root):
    x, y = make_classification(4_000, FEATURES, n_informative=10, n_classes=3, random_state=1)
    x = x.astype(numpy.float32)
    forest = RandomForestClassifier(TREES, random_state=1, n_jobs=1).fit(x[:3_000], y[:3_000])
    worker, flask, as_onnx = (root / name for name in ("worker/1", "flask", "onnx/1"))
    for directory in (worker, flask, as_onnx):
        directory.mkdir(parents=True)
    pickled = pickle.dumps(forest)
    for directory in (worker, flask):
        (directory / "forest.pkl").write_bytes(pickled)
    (worker / "model.py").write_text(WORKER)
    (flask / "app.py").write_text(FLASK)
    onnx.save(to_onnx(forest), str(as_onnx / "model.onnx"))
    rows = x[3_000:3_200]
    (root / "rows.json").write_text('{"instances": %s}' % rows.tolist())
    (root / "row.json").write_text('{"instances": %s}' % rows[:1].tolist())
    (root / "labels.txt").write_text(" ".join(str(label) for label in forest.predict(rows)))


main(Path(sys.argv[1]))
