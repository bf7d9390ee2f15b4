// A prediction as people read it.

import { BarChart } from "./charts.js";
import { h } from "./dom.js";
import * as format from "./format.js";

const SHOWN_BARS = 10;

/** Shows the answer to a predict request. */
export function answerView(answer) {
  const predictions = answer.predictions ?? answer.outputs;
  if (predictions === undefined) {
    return h("pre", { class: "code", tabindex: "0" }, JSON.stringify(answer, null, 2));
  }
  const rows = Array.isArray(answer.predictions) ? answer.predictions : [predictions];
  return h(
    "div",
    { class: "answer" },
    rows.map((row, i) => h("div", {}, rows.length > 1 ? h("h3", {}, `Row ${i + 1}`) : null, outputs(row))),
  );
}

function outputs(row) {
  if (row === null || typeof row !== "object" || Array.isArray(row) || "b64" in row) {
    return value(row);
  }
  const names = Object.keys(row);
  const labels = names.find((name) => isVector(row[name]) && row[name].every((item) => typeof item === "string"));
  const scores = labels && names.find((name) => isVector(row[name], row[labels].length) && row[name].every(Number.isFinite));
  if (labels && scores) {
    const rest = Object.fromEntries(Object.entries(row).filter(([name]) => name !== labels && name !== scores));
    return h(
      "div",
      {},
      bars(`${scores} of each ${labels}`, row[scores].map((score, i) => [row[labels][i], score])),
      Object.keys(rest).length ? outputs(rest) : null,
    );
  }
  return h(
    "dl",
    { class: "outputs" },
    names.map((name) => h("div", { class: "output" }, h("dt", { class: "muted" }, name), h("dd", {}, value(row[name], name)))),
  );
}

function isVector(list, length = list?.length) {
  return Array.isArray(list) && list.length > 0 && list.length === length && !Array.isArray(list[0]);
}

function value(item, name = "value") {
  if (typeof item === "number") {
    return h("span", { class: "big" }, format.number(item));
  }
  if (typeof item === "string" || typeof item === "boolean") {
    return h("span", { class: "big" }, String(item));
  }
  if (Array.isArray(item) && item.length === 1 && !Array.isArray(item[0])) {
    return value(item[0], name);
  }
  if (isVector(item) && item.every(Number.isFinite) && item.length > 1) {
    return bars(`${name}, largest first`, item.map((number, i) => [`#${i}`, number]));
  }
  return h("pre", { class: "code", tabindex: "0" }, JSON.stringify(item, null, 1));
}

function bars(title, pairs) {
  const sorted = pairs.toSorted((a, b) => b[1] - a[1]);
  const chart = new BarChart(title, { format: format.number });
  if (sorted.some(([, number]) => number < 0)) {
    return h("pre", { class: "code", tabindex: "0" }, sorted.slice(0, 50).map(([label, number]) => `${label}  ${number}`).join("\n"));
  }
  chart.update(sorted.slice(0, SHOWN_BARS).map(([label, number]) => ({ label: String(label), value: number })));
  const left = sorted.length - SHOWN_BARS;
  return h("div", {}, chart.element, left > 0 ? h("p", { class: "muted" }, `and ${left} more, in the JSON`) : null);
}
