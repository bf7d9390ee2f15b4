// Cost: what each version used, and what that comes to.

import { failure } from "./access.js";
import { get, part } from "./api.js";
import { empty, h, loading, scroller } from "./dom.js";
import * as format from "./format.js";
import { tiles } from "./models.js";

const PERIOD_MS = 10_000;

export const screen = {
  nav: "costs",
  title: () => "Cost",
  show(main) {
    const place = h("div", {}, loading("costs"));
    main.append(h("div", { class: "page-head" }, h("h1", {}, "Cost")), place);
    let shown = false;
    async function fetch() {
      try {
        const costs = await get("/v1/costs");
        place.replaceChildren(...view(costs));
        shown = true;
      } catch (error) {
        if (!shown) {
          place.replaceChildren(failure(error, "The cost report", "This server does not count what its models cost."));
        }
      }
    }
    fetch();
    const timer = setInterval(fetch, PERIOD_MS);
    return () => clearInterval(timer);
  },
};

function view({ currency, models }) {
  if (models.length === 0) {
    return [empty("Nothing was used yet", "Costs are counted from the first prediction on.")];
  }
  const total = (key) => models.reduce((sum, model) => sum + (model[key] ?? 0), 0);
  const cost = total("cost");
  const predictions = total("predictions");
  const summary = tiles(["Cost", "Per 1,000 predictions", "Predictions", "CPU", "Memory", "Accelerator"]);
  summary.update([
    money(cost, currency),
    predictions ? money((1000 * cost) / predictions, currency) : "–",
    format.count(predictions),
    seconds(total("cpu_seconds")),
    `${format.number(rounded(total("memory_gb_seconds")))} GB s`,
    seconds(total("accelerator_seconds")),
  ]);
  const sorted = models.toSorted((a, b) => (b.cost ?? 0) - (a.cost ?? 0));
  return [
    summary.element,
    cost === 0
      ? h("p", { class: "muted" }, "Everything costs 0 now. Prices for CPU, memory and accelerators are set in the configuration, under costs.")
      : null,
    scroller(
      "Costs",
      { class: "card flush" },
      h(
        "table",
        { class: "table" },
        h("caption", { class: "visually-hidden" }, "Cost by model and version, highest first"),
        h(
          "thead",
          {},
          h(
            "tr",
            {},
            h("th", { scope: "col" }, "Model"),
            h("th", { scope: "col" }, "Version"),
            ["Predictions", "CPU", "Memory", "Accelerator", "Cost", "Per 1,000"].map((name) => h("th", { scope: "col", class: "num" }, name)),
            h("th", { scope: "col" }, "Share"),
          ),
        ),
        h("tbody", {}, sorted.map((model) => row(model, currency, cost))),
      ),
    ),
  ].filter((element) => element !== null);
}

function row(model, currency, all) {
  const fill = h("span", { class: "bar-fill" });
  fill.style.width = `${all ? (100 * (model.cost ?? 0)) / all : 0}%`;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("a", { class: "model-name", href: `/console/models/${part(model.model)}` }, model.model)),
    h("td", { class: "mono" }, String(model.version)),
    [
      format.count(model.predictions),
      seconds(model.cpu_seconds),
      `${format.number(rounded(model.memory_gb_seconds))} GB s`,
      seconds(model.accelerator_seconds),
      money(model.cost, currency),
      model.predictions ? money(model.cost_per_1000, currency) : "–",
    ].map((text) => h("td", { class: "num" }, text)),
    h("td", {}, h("span", { class: "share" }, h("span", { class: "bar-track", "aria-hidden": "true" }, fill), format.percent(all ? (model.cost ?? 0) / all : 0))),
  );
}

function rounded(value) {
  return value === undefined ? undefined : Number(value.toPrecision(3));
}

function seconds(value) {
  return value === undefined ? "–" : value >= 3600 ? `${format.number(rounded(value / 3600))} h` : `${format.number(rounded(value))} s`;
}

function money(value, currency) {
  if (value === undefined || value === null) {
    return "–";
  }
  return `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} ${currency}`;
}
