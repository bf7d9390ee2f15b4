// Small charts in SVG. Colours come from the style sheet, by the classes c0, c1, ...

import { h, setAttribute, setText, svg } from "./dom.js";

const NARROWEST = 240;
const HEIGHT = 150;
const LEFT = 54;
const BOTTOM = 20;
const TOP = 8;
const RIGHT = 6;
const MINUTE = 60_000;
const FEWEST_BARS = 6;

/** A top of the scale that is a little above `value`, and how many lines to draw up to it. */
function niceScale(value) {
  if (!(value > 0)) {
    return { top: 1, lines: 2 };
  }
  const power = 10 ** Math.floor(Math.log10(value));
  for (const [step, lines] of [[1, 2], [1.5, 3], [2, 2], [3, 3], [4, 4], [5, 5], [6, 3], [8, 4], [10, 5]]) {
    if (value <= step * power * 1.0001) {
      return { top: step * power, lines };
    }
  }
  return { top: 10 * power, lines: 5 };
}

function path(points) {
  let text = "";
  let pen = "M";
  for (const point of points) {
    if (point === null) {
      pen = "M";
    } else {
      text += `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      pen = "L";
    }
  }
  return text;
}

/**
 * Lines, or areas on top of each other, over the last minutes. The legend says what the values are
 * now, or at the place that is pointed at; the arrow keys move that place.
 */
export class TimeChart {
  #series;
  #stacked;
  #format;
  #spanMs;
  #title;
  #points = [];
  #cursor = null;
  #width = NARROWEST;
  #plot = svg("g", {});
  #grid = svg("g", { class: "grid" });
  #line = svg("line", { class: "cursor", y1: TOP, y2: HEIGHT - BOTTOM });
  #svg;
  #values = new Map();
  #when = h("span", { class: "legend-when" });
  #empty = h("p", { class: "chart-empty" }, "No requests in the last minutes");

  /**
   * @param title what it shows
   * @param series [{key, label}], at most eight
   * @param options {stacked, format(value), spanMs}
   */
  constructor(title, series, { stacked = false, format = String, spanMs = 3 * MINUTE } = {}) {
    this.#title = title;
    this.#series = series;
    this.#stacked = stacked;
    this.#format = format;
    this.#spanMs = spanMs;
    this.#svg = svg(
      "svg",
      { class: "chart", role: "img", tabindex: "0", "aria-label": title },
      this.#grid,
      this.#plot,
      this.#line,
    );
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect.width)).observe(this.#svg);
    this.#svg.addEventListener("pointermove", (event) => this.#point(event));
    this.#svg.addEventListener("pointerleave", () => this.#moveTo(null));
    this.#svg.addEventListener("blur", () => this.#moveTo(null));
    this.#svg.addEventListener("keydown", (event) => this.#step(event));
    const legend = h(
      "div",
      { class: "legend" },
      series.map((one, i) => {
        const value = h("span", { class: "legend-value" }, "–");
        this.#values.set(one.key, value);
        return h("span", { class: "legend-item" }, h("span", { class: `swatch c${i}`, "aria-hidden": "true" }), one.label, " ", value);
      }),
      this.#when,
    );
    this.element = h("figure", { class: "figure" }, h("figcaption", {}, title), legend, h("div", { class: "plot" }, this.#svg, this.#empty));
  }

  /** Shows points [{t, key: value...}], oldest first; what is undefined or null is a gap. */
  update(points) {
    this.#points = points;
    this.#draw();
  }

  #resize(width) {
    this.#width = Math.max(NARROWEST, width);
    setAttribute(this.#svg, "viewBox", `0 0 ${this.#width} ${HEIGHT}`);
    this.#draw();
  }

  #draw() {
    const now = this.#points.length ? this.#points.at(-1).t : Date.now();
    const start = now - this.#spanMs;
    const visible = this.#points.filter((point) => point.t >= start);
    const known = visible.some((point) => this.#series.some((one) => Number.isFinite(point[one.key])));
    this.#empty.hidden = known;
    const totals = visible.map((point) => this.#total(point));
    const { top, lines } = niceScale(Math.max(0, ...totals));
    const x = (t) => LEFT + ((t - start) / this.#spanMs) * (this.#width - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
    this.#scales = { x, start, now };
    this.#drawGrid(top, lines, y);
    this.#plot.replaceChildren(...(this.#stacked ? this.#areas(visible, x, y) : this.#lines(visible, x, y)));
    this.#drawCursor();
    const latest = visible.at(-1);
    const said = latest
      ? this.#series.map((one) => `${one.label} ${this.#text(latest[one.key])}`).join(", ")
      : "nothing yet";
    setAttribute(this.#svg, "aria-label", `${this.#title}: ${said}`);
  }

  #scales = null;

  #total(point) {
    const values = this.#series.map((one) => point[one.key]).filter(Number.isFinite);
    return this.#stacked ? values.reduce((a, b) => a + b, 0) : Math.max(0, ...values);
  }

  #drawGrid(top, lines, y) {
    const parts = [];
    for (let i = 0; i <= lines; i++) {
      const value = (top * i) / lines;
      const at = y(value);
      parts.push(svg("line", { x1: LEFT, x2: this.#width - RIGHT, y1: at, y2: at }));
      parts.push(svg("text", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, this.#format(value)));
    }
    const minutes = this.#spanMs / MINUTE;
    const step = Math.max(1, Math.round(minutes / 6));
    for (let back = 0; back <= minutes; back += step) {
      const at = this.#width - RIGHT - (back / minutes) * (this.#width - LEFT - RIGHT);
      parts.push(
        svg(
          "text",
          { x: at, y: HEIGHT - 4, "text-anchor": back === 0 ? "end" : back === minutes ? "start" : "middle" },
          back === 0 ? "now" : `−${back} min`,
        ),
      );
    }
    this.#grid.replaceChildren(...parts);
  }

  #lines(visible, x, y) {
    return this.#series.flatMap((one, i) => {
      const points = visible.map((point) => (Number.isFinite(point[one.key]) ? [x(point.t), y(point[one.key])] : null));
      const last = points.at(-1);
      return [
        svg("path", { class: `line c${i}`, d: path(points) }),
        last ? svg("circle", { class: `dot-last c${i}`, cx: last[0].toFixed(1), cy: last[1].toFixed(1), r: "2.6" }) : "",
      ];
    });
  }

  #areas(visible, x, y) {
    const below = visible.map(() => 0);
    return this.#series.map((one, i) => {
      const upper = [];
      const lower = [];
      visible.forEach((point, at) => {
        lower.unshift([x(point.t), y(below[at])]);
        below[at] += Number.isFinite(point[one.key]) ? point[one.key] : 0;
        upper.push([x(point.t), y(below[at])]);
      });
      const outline = path([...upper, ...lower]);
      return svg("path", { class: `area c${i}`, d: outline ? `${outline}Z` : "" });
    });
  }

  #point(event) {
    const box = this.#svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * this.#width;
    let nearest = null;
    this.#points.forEach((point, i) => {
      if (nearest === null || Math.abs(this.#scales.x(point.t) - at) < Math.abs(this.#scales.x(this.#points[nearest].t) - at)) {
        nearest = i;
      }
    });
    this.#moveTo(nearest === null ? null : this.#points[nearest].t);
  }

  #step(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && this.#points.length) {
      event.preventDefault();
      const at = this.#cursor === null ? this.#points.length - 1 : this.#points.findIndex((point) => point.t >= this.#cursor) + by;
      this.#moveTo(this.#points[Math.min(this.#points.length - 1, Math.max(0, at))].t);
    }
  }

  #moveTo(time) {
    this.#cursor = time;
    this.#drawCursor();
  }

  #drawCursor() {
    const chosen = this.#cursor !== null && this.#points.find((point) => point.t >= this.#cursor);
    this.#line.classList.toggle("on", Boolean(chosen));
    if (chosen && this.#scales) {
      const at = this.#scales.x(chosen.t);
      setAttribute(this.#line, "x1", String(at));
      setAttribute(this.#line, "x2", String(at));
    }
    const shown = chosen || this.#points.at(-1);
    setText(this.#when, chosen ? `${Math.round((this.#points.at(-1).t - chosen.t) / 1000)} s ago` : "");
    for (const one of this.#series) {
      setText(this.#values.get(one.key), this.#text(shown?.[one.key]));
    }
  }

  #text(value) {
    return Number.isFinite(value) ? this.#format(value) : "–";
  }
}

/** Bars with a label each. */
export class BarChart {
  #title;
  #format;
  #rows = h("div", { class: "bars" });
  #empty = h("p", { class: "muted" });

  constructor(title, { format = String, none = "Nothing yet" } = {}) {
    this.#title = title;
    this.#format = format;
    this.#empty.textContent = none;
    this.element = h("figure", { class: "figure" }, h("figcaption", {}, this.#title), this.#rows, this.#empty);
  }

  /** Shows [{label, value}]. */
  update(bars) {
    const top = Math.max(0, ...bars.map((bar) => bar.value));
    const last = bars.findLastIndex((bar) => bar.value > 0);
    this.#draw(bars.slice(0, Math.max(FEWEST_BARS, last + 1)), top);
  }

  #draw(bars, top) {
    this.#empty.hidden = top > 0;
    this.#rows.hidden = top === 0;
    while (this.#rows.children.length > bars.length) {
      this.#rows.lastChild.remove();
    }
    bars.forEach((bar, i) => {
      const row = this.#rows.children[i] ?? this.#rows.appendChild(barRow());
      setText(row.children[0], bar.label);
      row.children[1].firstChild.style.width = `${top > 0 ? (100 * bar.value) / top : 0}%`;
      setText(row.children[2], this.#format(bar.value));
    });
  }
}

function barRow() {
  return h(
    "div",
    { class: "bar-row" },
    h("span", { class: "bar-label" }),
    h("span", { class: "bar-track", "aria-hidden": "true" }, h("span", { class: "bar-fill" })),
    h("span", { class: "bar-value" }),
  );
}

/** A line without axes, for a cell of a table. */
export class Sparkline {
  #line = svg("path", { class: "line c0" });
  #fill = svg("path", { class: "area c0" });

  constructor(label) {
    this.element = svg("svg", { class: "spark", viewBox: "0 0 96 24", role: "img", "aria-label": label }, this.#fill, this.#line);
  }

  /** Shows numbers, the newest last; what is undefined is a gap. */
  update(values, capacity = 60) {
    const shown = values.slice(-capacity);
    const top = Math.max(0, ...shown.filter(Number.isFinite)) || 1;
    const points = shown.map((value, i) =>
      Number.isFinite(value) ? [96 - ((shown.length - 1 - i) / (capacity - 1)) * 96, 22 - (value / top) * 20] : null,
    );
    setAttribute(this.#line, "d", path(points));
    const solid = points.filter((point) => point !== null);
    setAttribute(
      this.#fill,
      "d",
      solid.length > 1 ? `${path(solid)}L${solid.at(-1)[0].toFixed(1)} 24L${solid[0][0].toFixed(1)} 24Z` : "",
    );
  }
}
