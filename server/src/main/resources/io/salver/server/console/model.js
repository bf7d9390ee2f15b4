// Model: its versions, what it takes and gives, and how it does.

import { failure } from "./access.js";
import { part } from "./api.js";
import { BarChart, TimeChart } from "./charts.js";
import { askForLabel, change, controlled, rollback, setLabel } from "./control.js";
import { card, empty, h, keyed, loading, scroller, setText } from "./dom.js";
import * as format from "./format.js";
import { live, max, sum } from "./live.js";
import { modelState, reasons, stateChip, tiles, updateChip, versionState } from "./models.js";
import { signatures, signatureView } from "./signature.js";

const BATCHES = ["1", "2", "3–4", "5–8", "9–16", "17–32", "33–64", "65–128", "129–256", "257–512", "513–1024", "more"];
const STAGES = ["decode", "queue", "batch", "run", "encode"];

export const screen = {
  nav: "models",
  title: (params) => params.name,
  show(main, { name }) {
    const page = new ModelPage(name);
    main.append(page.element);
    const update = () => page.update();
    live.addEventListener("state", update);
    page.update();
    page.fetch();
    return () => live.removeEventListener("state", update);
  },
};

class ModelPage {
  #name;
  #chip = stateChip("NONE");
  #engine = h("span", { class: "muted" });
  #why = h("ul", { class: "why big" });
  #summary = tiles(["Requests / s", "Errors / s", "p50", "p99", "Waiting", "Memory"]);
  #tools = h("div", { class: "row" });
  #toolsDrawn;
  #absent = h("div", {});
  #body = h("div", {});
  #versions;
  #charts;
  #signature = h("div", {}, loading("the signature"));
  #control = null;
  #signatureOf = null;

  constructor(name) {
    this.#name = name;
    this.#versions = new Versions(name, () => this.fetch());
    this.#charts = new Charts(name);
    this.#body.append(
      this.#summary.element,
      this.#versions.element,
      this.#charts.element,
      card("Signature", {}, this.#signature),
    );
    this.element = h(
      "div",
      {},
      h("p", { class: "crumb" }, h("a", { href: "/console/" }, "Models")),
      h("div", { class: "page-head" }, h("h1", {}, name), this.#chip, this.#engine, h("span", { class: "spring" }), this.#tools),
      this.#why,
      this.#absent,
      this.#body,
    );
    this.#body.hidden = true;
    this.#absent.append(loading(name));
  }

  async fetch() {
    this.#control = await controlled(this.#name);
    this.#versions.setControl(this.#control);
    this.update();
  }

  #drawTools(model) {
    const state = modelState(model ?? { versions: [] });
    const drawn = JSON.stringify([state, this.#control?.pinned]);
    if (drawn === this.#toolsDrawn) {
      return;
    }
    this.#toolsDrawn = drawn;
    const verb = (name, label) =>
      h("button", { type: "button", class: "button", onclick: async () => (await change(this.#name, name)) && this.fetch() }, label);
    const control = this.#control
      ? [this.#control.pinned ? verb("unpin", "Unpin") : verb("pin", "Pin"), state === "AVAILABLE" ? verb("unload", "Unload") : verb("load", "Load")]
      : [];
    this.#tools.replaceChildren(...control, h("a", { class: "button primary", href: `/console/try?model=${part(this.#name)}` }, "Try it"));
  }

  update() {
    if (!live.state) {
      return;
    }
    const model = live.model(this.#name);
    this.#drawTools(model);
    this.#body.hidden = !model;
    if (!model) {
      this.#absent.replaceChildren(
        empty("There is no such model", `No model is called “${this.#name}” now.`, h("a", { class: "button", href: "/console/" }, "All models")),
      );
      return;
    }
    this.#absent.replaceChildren();
    updateChip(this.#chip, modelState(model));
    setText(this.#engine, model.engine);
    this.#drawReasons(reasons(model));
    this.#summary.update([
      format.rate(sum(model.versions, "requests_per_s")),
      format.rate(sum(model.versions, "errors_per_s")),
      format.ms(max(model.versions, "p50_ms")),
      format.ms(max(model.versions, "p99_ms")),
      format.count(sum(model.versions, "queued")),
      format.bytes(sum(model.versions, "memory_bytes")),
    ]);
    this.#versions.update(model);
    this.#charts.update(model);
    this.#showSignature(model);
  }

  #drawReasons(said) {
    if (said.join("\n") !== this.#why.dataset.said) {
      this.#why.dataset.said = said.join("\n");
      this.#why.replaceChildren(...said.map((text) => h("li", {}, text)));
    }
  }

  async #showSignature(model) {
    const available = model.versions.filter((version) => version.state === "AVAILABLE").map((version) => version.version);
    const key = available.join();
    if (key === this.#signatureOf) {
      return;
    }
    this.#signatureOf = key;
    if (available.length === 0) {
      this.#signature.replaceChildren(empty("Not known yet", "The signature can be read once a version is available."));
      return;
    }
    try {
      const all = await signatures(this.#name);
      this.#signature.replaceChildren(
        ...all.map((signature) =>
          h("div", { class: "signature" }, all.length > 1 ? h("h3", { class: "mono" }, signature.name) : null, signatureView(signature)),
        ),
      );
    } catch (error) {
      this.#signature.replaceChildren(failure(error, "The signature", "The server does not describe this model."));
    }
  }
}

/** The table of versions, and what can be done with them. */
class Versions {
  #name;
  #changed;
  #rows = h("tbody", {});
  #parts = new Map();
  #control = null;
  #model = null;

  constructor(name, changed) {
    this.#name = name;
    this.#changed = changed;
    const numbers = ["Requests / s", "Errors", "p50", "p99", "Memory"];
    this.element = card(
      "Versions",
      { class: "flush" },
      scroller(
        `Versions of ${name}`,
        {},
        h(
          "table",
          { class: "table" },
          h("caption", { class: "visually-hidden" }, `Versions of ${name}`),
          h(
            "thead",
            {},
            h(
              "tr",
              {},
              ["Version", "State", "Labels", "Since"].map((column) => h("th", { scope: "col" }, column)),
              numbers.map((column) => h("th", { scope: "col", class: "num" }, column)),
              h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Actions")),
            ),
          ),
          this.#rows,
        ),
      ),
    );
  }

  /** Says whether versions can be changed here. */
  setControl(control) {
    this.#control = control;
    this.#parts.clear();
    this.#rows.replaceChildren();
  }

  update(model) {
    this.#model = model;
    keyed(this.#rows, this.#parts, model.versions, (version) => version.version, (version) => this.#row(version));
  }

  #row(first) {
    const version = first.version;
    const chip = stateChip(versionState(first));
    const labels = h("td", {});
    const since = h("td", { class: "muted" });
    const numbers = Array.from({ length: 5 }, () => h("td", { class: "num" }));
    const actions = h("td", { class: "end" });
    let drawn = "";
    return {
      element: h("tr", {}, h("th", { scope: "row", class: "mono" }, String(version)), h("td", {}, chip), labels, since, numbers, actions),
      update: (now) => {
        updateChip(chip, versionState(now));
        setText(since, format.ago(now.since, live.state.time));
        [
          format.rate(now.requests_per_s),
          format.count(now.errors),
          format.ms(now.p50_ms),
          format.ms(now.p99_ms),
          format.bytes(now.memory_bytes),
        ].forEach((text, i) => setText(numbers[i], text));
        numbers[1].classList.toggle("alarm", now.errors_per_s > 0);
        const own = Object.entries(this.#model.labels)
          .filter(([, target]) => target === version)
          .map(([label]) => label);
        const key = `${own.join()} ${now.state} ${this.#newest() === version}`;
        if (key !== drawn) {
          drawn = key;
          labels.replaceChildren(...own.map((label) => h("span", { class: "label" }, label)));
          actions.replaceChildren(...this.#actions(now, own));
        }
      },
    };
  }

  #newest() {
    return Math.max(...this.#model.versions.filter((version) => version.state === "AVAILABLE").map((version) => version.version));
  }

  #actions(version, labels) {
    if (!this.#control) {
      return [];
    }
    const button = (text, about, action) =>
      h(
        "button",
        { type: "button", class: "button small", "aria-label": about, onclick: async () => (await action()) && this.#changed() },
        text,
      );
    const number = version.version;
    const all = this.#model.labels;
    const list = [];
    if (version.state === "AVAILABLE" && !labels.includes("stable")) {
      list.push(button("Promote", `Promote version ${number} to stable`, () => setLabel(this.#name, "stable", number)));
    }
    if (version.state === "AVAILABLE") {
      list.push(
        h(
          "button",
          {
            type: "button",
            class: "button small",
            "aria-label": `Label version ${number}`,
            onclick: () => askForLabel(this.#name, all, number, () => this.#changed()),
          },
          "Label …",
        ),
      );
    }
    if (number < this.#newest()) {
      list.push(button("Roll back to this", `Roll back to version ${number}`, () => rollback(this.#name, number)));
    }
    return [h("div", { class: "row end" }, list)];
  }
}

/** What one version does, as charts. */
class Charts {
  #name;
  #chosen = null;
  #choices = h("div", { class: "segments", role: "radiogroup", "aria-label": "Version shown" });
  #drawn = "";
  #traffic = new TimeChart("Requests per second", [
    { key: "requests_per_s", label: "Requests" },
    { key: "errors_per_s", label: "Errors" },
  ], { format: format.rate });
  #latency = new TimeChart("Latency", [
    { key: "p50_ms", label: "p50" },
    { key: "p99_ms", label: "p99" },
  ], { format: format.ms });
  #stages = new TimeChart(
    "Latency by stage, mean",
    STAGES.map((stage) => ({ key: stage, label: stage })),
    { stacked: true, format: format.ms },
  );
  #batches = new BarChart("Rows in a run, last 10 s", { format: format.count, none: "Nothing was run in the last 10 seconds." });
  #cache = new TimeChart("Prediction cache, answers per second", [
    { key: "hits", label: "Hits" },
    { key: "coalesced", label: "Joined" },
    { key: "misses", label: "Misses" },
  ], { stacked: true, format: format.rate });
  #cacheText = h("p", { class: "muted" });

  constructor(name) {
    this.#name = name;
    this.element = card(
      "Now",
      { aside: this.#choices },
      h("div", { class: "charts" }, this.#traffic.element, this.#latency.element, this.#stages.element, this.#batches.element),
      h("div", { class: "charts" }, this.#cache.element, this.#cacheText),
    );
  }

  update(model) {
    const versions = model.versions.filter((version) => version.state === "AVAILABLE" || version.requests !== undefined);
    this.#draw(versions.map((version) => version.version));
    const version = versions.find((one) => one.version === this.#chosen);
    this.element.hidden = !version;
    if (!version) {
      return;
    }
    const points = live.history(this.#name, this.#chosen);
    this.#traffic.update(points);
    this.#latency.update(points);
    this.#stages.update(points.map((point) => ({ t: point.t, ...point.stages_ms })));
    this.#batches.update((version.batch_rows ?? []).map((value, i) => ({ label: BATCHES[i], value })));
    this.#cache.element.hidden = !version.cache;
    if (version.cache) {
      this.#cache.update(cacheRates(points));
    }
    setText(this.#cacheText, cacheText(version.cache));
  }

  #draw(numbers) {
    if (!numbers.includes(this.#chosen)) {
      this.#chosen = numbers[0] ?? null;
    }
    const key = `${numbers.join()} ${this.#chosen}`;
    if (key === this.#drawn) {
      return;
    }
    this.#drawn = key;
    this.#choices.replaceChildren(
      ...numbers.map((number) =>
        h(
          "label",
          { class: "segment" },
          h("input", {
            type: "radio",
            name: "version",
            value: String(number),
            checked: number === this.#chosen,
            onchange: () => {
              this.#chosen = number;
              this.update(live.model(this.#name));
            },
          }),
          h("span", {}, `Version ${number}`),
        ),
      ),
    );
  }
}

function cacheText(cache) {
  if (!cache) {
    return "This model has no prediction cache. With cache.max_size set, equal requests are answered without a run.";
  }
  const all = cache.hits + cache.coalesced + cache.misses;
  return `${format.count(cache.entries)} answers kept in ${format.bytes(cache.bytes)}; ${format.percent(all ? (cache.hits + cache.coalesced) / all : NaN)} of ${format.count(all)} requests needed no run of their own; ${format.count(cache.evictions)} dropped for want of room.`;
}

function cacheRates(points) {
  return points.slice(1).map((point, i) => {
    const before = points[i];
    const seconds = (point.t - before.t) / 1000;
    const rate = (key) => (point.cache && before.cache ? (point.cache[key] - before.cache[key]) / seconds : undefined);
    return { t: point.t, hits: rate("hits"), coalesced: rate("coalesced"), misses: rate("misses") };
  });
}
