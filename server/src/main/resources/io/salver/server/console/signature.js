// What a model takes and gives.

import { get, part } from "./api.js";
import { h } from "./dom.js";

/**
 * The signatures of a model's version, or of the one that answers where none is named.
 *
 * @returns [{name, method, inputs: [{name, dtype, shape}], outputs: [...]}], where dtype is as
 *     "FLOAT" and shape a list with -1 for what is not known, or null
 */
export async function signatures(model, version) {
  const path = `/v1/models/${part(model)}${version === undefined ? "" : `/versions/${version}`}/metadata`;
  const answer = await get(path);
  const named = answer.metadata?.signature_def?.signature_def ?? {};
  return Object.entries(named)
    .map(([name, signature]) => ({
      name,
      method: signature.method_name ?? "",
      inputs: tensors(signature.inputs),
      outputs: tensors(signature.outputs),
    }))
    .sort((a, b) => (b.name === "serving_default") - (a.name === "serving_default"));
}

function tensors(named) {
  return Object.entries(named ?? {}).map(([name, tensor]) => ({
    name,
    dtype: String(tensor.dtype ?? "").replace(/^DT_/, ""),
    shape: tensor.tensor_shape?.unknown_rank ? null : (tensor.tensor_shape?.dim ?? []).map((dim) => Number(dim.size)),
  }));
}

/** A shape as people write it. */
export function shapeText(shape) {
  return shape === null ? "any shape" : shape.length === 0 ? "scalar" : `[${shape.map((dim) => (dim < 0 ? "?" : dim)).join(", ")}]`;
}

/** Tables of what a signature takes and gives. */
export function signatureView(signature) {
  return h(
    "div",
    { class: "two" },
    tensorTable("Takes", signature.inputs),
    tensorTable("Gives", signature.outputs),
  );
}

function tensorTable(caption, list) {
  return h(
    "table",
    { class: "table plain" },
    h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ["Name", "Type", "Shape"].map((name) => h("th", { scope: "col" }, name)))),
    h(
      "tbody",
      {},
      list.map((tensor) =>
        h(
          "tr",
          {},
          h("th", { scope: "row", class: "mono" }, tensor.name),
          h("td", { class: "mono" }, tensor.dtype.toLowerCase()),
          h("td", { class: "mono" }, shapeText(tensor.shape)),
        ),
      ),
    ),
  );
}
