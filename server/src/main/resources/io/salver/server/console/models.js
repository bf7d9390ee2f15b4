// Models: what is served, how it does, and why something is not.

import { part } from "./api.js";
import { Sparkline } from "./charts.js";
import { empty, h, keyed, loading, scroller, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";
import { live, max, sum } from "./live.js";

const SHOWN_MODELS = 300;

const STATES = {
  AVAILABLE: ["good", "Available"],
  LOADING: ["busy", "Loading"],
  START: ["busy", "Waiting"],
  NOT_LOADED: ["off", "On demand"],
  UNLOADING: ["busy", "Unloading"],
  END: ["off", "Ended"],
  FAILED: ["bad", "Failed"],
  RETRYING: ["bad", "Failing"],
  NONE: ["off", "Nothing loaded"],
};

/** What a version's state is called: one that could not be loaded has failed, or is tried again. */
export function versionState(version) {
  if (!version.error) {
    return version.state;
  }
  return { END: "FAILED", START: "RETRYING" }[version.state] ?? version.state;
}

/** The state that a model is in: the best of its versions'. */
export function modelState(model) {
  const states = model.versions.map(versionState);
  for (const state of ["AVAILABLE", "LOADING", "RETRYING", "START", "NOT_LOADED", "FAILED", "UNLOADING", "END"]) {
    if (states.includes(state)) {
      return state;
    }
  }
  return "NONE";
}

/** Whether a request to a model is answered now, if need be after it was loaded. */
export function canBeTried(model) {
  return ["AVAILABLE", "NOT_LOADED"].includes(modelState(model));
}

/** A word in a coloured frame that says a state. */
export function stateChip(state) {
  const chip = h("span", {});
  updateChip(chip, state);
  return chip;
}

/** Changes what stateChip made. */
export function updateChip(chip, state) {
  const [kind, label] = STATES[state] ?? ["off", state];
  setAttribute(chip, "class", `chip ${kind}`);
  setText(chip, label);
}

/** Why a model does not answer, or a version of it, in words; empty if there is nothing to say. */
export function reasons(model) {
  const said = model.versions
    .filter((version) => version.reason && version.state !== "AVAILABLE" && version.state !== "NOT_LOADED")
    .map((version) => `Version ${version.version}: ${version.reason}`);
  const rests = model.reason && modelState(model) !== "NOT_LOADED";
  return said.length > 0 ? said : rests ? [model.reason] : [];
}

/** Numbers in a row, each with its name under it. */
export function tiles(names) {
  const values = names.map(() => h("dd", {}, "–"));
  const element = h(
    "dl",
    { class: "tiles" },
    names.map((name, i) => h("div", { class: "tile" }, h("dt", {}, name), values[i])),
  );
  return { element, update: (texts) => texts.forEach((text, i) => setText(values[i], text)) };
}

export const screen = {
  nav: "models",
  title: () => "Models",
  show(main) {
    const summary = tiles(["Available", "Requests / s", "Errors / s", "Model memory", "In flight", "Connections"]);
    const filter = h("input", { type: "search", id: "filter", placeholder: "Filter by name or engine", "aria-label": "Filter models" });
    const body = h("tbody", {});
    const table = h(
      "table",
      { class: "table models" },
      h("caption", { class: "visually-hidden" }, "Models, with their state and what they do now"),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ["Model", "State", "Versions"].map((name) => h("th", { scope: "col" }, name)),
          ["Requests / s", "Errors / s", "p50", "p99"].map((name) => h("th", { scope: "col", class: "num" }, name)),
          h("th", { scope: "col" }, "p99, 1 min"),
          h("th", { scope: "col", class: "num" }, "Memory"),
          h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Actions")),
        ),
      ),
      body,
    );
    const frame = scroller("Models", { class: "card flush" }, table);
    const place = h("div", {}, loading("models"));
    const left = h("p", { class: "muted", hidden: true });
    main.append(h("div", { class: "page-head" }, h("h1", {}, "Models"), filter), summary.element, place, left);
    const parts = new Map();
    const update = () => {
      if (!live.state) {
        return;
      }
      const wanted = filter.value.trim().toLowerCase();
      const found = live.state.models.filter((model) => `${model.name} ${model.engine}`.toLowerCase().includes(wanted));
      const shown = first(found);
      left.hidden = shown.length === found.length;
      setText(left, `${shown.length} of ${format.count(found.length)} models are shown, loaded ones first. The filter finds the others.`);
      summary.update(totals(live.state));
      const rows = shown.flatMap((model) => (reasons(model).length ? [{ model }, { model, why: true }] : [{ model }]));
      keyed(body, parts, rows, ({ model, why }) => `${why ? "why" : "row"} ${model.name}`, ({ why }) => (why ? reasonRow() : row()));
      if (shown.length === 0) {
        place.replaceChildren(nothing(wanted));
      } else if (place.firstChild !== frame) {
        place.replaceChildren(frame);
      }
    };
    filter.addEventListener("input", update);
    live.addEventListener("state", update);
    update();
    return () => live.removeEventListener("state", update);
  },
};

/** As many models as a page has room for; those that do something first. */
function first(found) {
  if (found.length <= SHOWN_MODELS) {
    return found;
  }
  const rests = (model) => (["AVAILABLE", "LOADING", "RETRYING", "FAILED"].includes(modelState(model)) ? 0 : 1);
  return found.toSorted((a, b) => rests(a) - rests(b)).slice(0, SHOWN_MODELS);
}

function nothing(wanted) {
  return wanted
    ? empty("No model matches", `There is none whose name or engine has “${wanted}” in it.`)
    : empty(
        "No models yet",
        "Start the server with --model_name and --model_base_path, or with a model_repository; models appear here as they are found.",
      );
}

function totals(state) {
  const versions = state.models.flatMap((model) => model.versions);
  const available = state.models.filter((model) => modelState(model) === "AVAILABLE").length;
  return [
    `${available} of ${state.models.length}`,
    format.rate(sum(versions, "requests_per_s") ?? 0),
    format.rate(sum(versions, "errors_per_s") ?? 0),
    format.bytes(sum(versions, "memory_bytes") ?? 0),
    format.count(state.in_flight),
    format.count(state.connections),
  ];
}

function row() {
  const name = h("a", { class: "model-name" });
  const engine = h("span", { class: "sub" });
  const chip = h("span", {});
  const versions = h("span", { class: "versions" });
  const numbers = Array.from({ length: 4 }, () => h("td", { class: "num" }));
  const spark = new Sparkline("p99 in the last minute");
  const memory = h("td", { class: "num" });
  const tryIt = h("a", { class: "button small" }, "Try it");
  const element = h(
    "tr",
    {},
    h("th", { scope: "row" }, name, engine),
    h("td", {}, chip),
    h("td", {}, versions),
    numbers,
    h("td", {}, spark.element),
    memory,
    h("td", { class: "end" }, tryIt),
  );
  let shownVersions = "";
  return {
    element,
    update({ model }) {
      setText(name, model.name);
      setAttribute(name, "href", `/console/models/${part(model.name)}`);
      setAttribute(tryIt, "href", `/console/try?model=${part(model.name)}`);
      setAttribute(tryIt, "aria-label", `Try ${model.name}`);
      setText(engine, [model.engine, model.pinned ? "pinned" : ""].filter(Boolean).join(", "));
      const state = modelState(model);
      updateChip(chip, state);
      tryIt.hidden = !canBeTried(model);
      const pills = JSON.stringify([model.labels, model.versions.map((version) => [version.version, versionState(version)])]);
      if (pills !== shownVersions) {
        shownVersions = pills;
        versions.replaceChildren(...versionPills(model));
      }
      const texts = [
        format.rate(sum(model.versions, "requests_per_s")),
        format.rate(sum(model.versions, "errors_per_s")),
        format.ms(max(model.versions, "p50_ms")),
        format.ms(max(model.versions, "p99_ms")),
      ];
      texts.forEach((text, i) => setText(numbers[i], text));
      numbers[1].classList.toggle("alarm", sum(model.versions, "errors_per_s") > 0);
      setText(memory, format.bytes(sum(model.versions, "memory_bytes")));
      spark.update(worst(model));
    },
  };
}

/** The row under that of a model which says why it does not answer. */
function reasonRow() {
  const why = h("ul", { class: "why" });
  let shown = "";
  return {
    element: h("tr", { class: "why-row" }, h("td", { colspan: "10" }, why)),
    update({ model }) {
      const said = reasons(model);
      if (said.join("\n") !== shown) {
        shown = said.join("\n");
        why.replaceChildren(...said.map((text) => h("li", {}, text)));
      }
    },
  };
}

/** The largest p99 of a model's versions at each event. */
function worst(model) {
  const series = model.versions.map((version) => live.history(model.name, version.version).map((point) => point.p99_ms));
  const length = Math.max(0, ...series.map((values) => values.length));
  return Array.from({ length }, (_, i) => {
    const values = series.map((one) => one[one.length - length + i]).filter(Number.isFinite);
    return values.length ? Math.max(...values) : undefined;
  });
}

function versionPills(model) {
  return model.versions
    .filter((version) => version.state !== "END" || version.reason)
    .slice(0, 6)
    .map((version) => {
      const labels = Object.entries(model.labels)
        .filter(([, target]) => target === version.version)
        .map(([label]) => label);
      const [kind, word] = STATES[versionState(version)];
      return h(
        "span",
        { class: `pill ${kind}`, title: `Version ${version.version}: ${word}` },
        h("span", { class: "visually-hidden" }, `${word}: `),
        String(version.version),
        labels.map((label) => h("span", { class: "label" }, label)),
      );
    });
}
