// Shares that make 100 together, moved by dragging, by keys or as numbers.

import { h, setAttribute, setText } from "./dom.js";

export class WeightEditor {
  #labels;
  #saved;
  #weights;
  #apply;
  #bar = h("div", { class: "split" });
  #segments = [];
  #handles = [];
  #numbers = [];
  #sum = h("span", { class: "muted", role: "status" });
  #save = h("button", { type: "button", class: "button primary", onclick: () => this.#commit() }, "Apply");
  #reset = h("button", { type: "button", class: "button", onclick: () => this.#revert() }, "Reset");

  /**
   * @param labels of the routes
   * @param weights their shares
   * @param apply takes new shares; resolves to whether they were taken
   */
  constructor(labels, weights, apply) {
    this.#labels = labels;
    this.#saved = weights;
    this.#weights = [...weights];
    this.#apply = apply;
    this.#build();
    this.element = h(
      "div",
      {},
      this.#bar,
      h("div", { class: "split-numbers" }, this.#numbers.map((number, i) => this.#numberField(number, i))),
      h("div", { class: "row" }, this.#save, this.#reset, this.#sum),
    );
    this.#draw();
  }

  /** Takes the shares that the server has, unless others are being entered. */
  update(weights) {
    const untouched = this.#isSaved();
    this.#saved = weights;
    if (untouched) {
      this.#weights = [...weights];
    }
    this.#draw();
  }

  #isSaved() {
    return this.#weights.every((weight, i) => weight === this.#saved[i]);
  }

  #build() {
    this.#labels.forEach((label, i) => {
      const segment = h("div", { class: `split-part c${i % 8}` }, h("span", { class: "split-name" }, label), h("span", { class: "split-share" }));
      this.#segments.push(segment);
      this.#bar.append(segment);
      if (i < this.#labels.length - 1) {
        const handle = h("div", {
          class: "split-handle",
          role: "slider",
          tabindex: "0",
          "aria-label": `Share of ${label}, taken from ${this.#labels[i + 1]}`,
          "aria-valuemin": "0",
          onkeydown: (event) => this.#key(event, i),
          onpointerdown: (event) => this.#grab(event, i),
        });
        this.#handles.push(handle);
        this.#bar.append(handle);
      }
      this.#numbers.push(
        h("input", {
          id: `weight-${i}`,
          type: "number",
          min: "0",
          max: "100",
          step: "any",
          oninput: (event) => {
            this.#weights[i] = event.target.value === "" ? 0 : Number(event.target.value);
            this.#draw(i);
          },
        }),
      );
    });
  }

  #numberField(number, i) {
    return h(
      "div",
      { class: "split-number" },
      h("span", { class: `swatch c${i % 8}`, "aria-hidden": "true" }),
      h("label", { for: `weight-${i}`, class: "mono" }, this.#labels[i]),
      number,
      h("span", { class: "muted", "aria-hidden": "true" }, "%"),
    );
  }

  #key(event, i) {
    const both = this.#weights[i] + this.#weights[i + 1];
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -both, End: both };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.#move(i, this.#weights[i] + step);
    }
  }

  #grab(event, i) {
    event.preventDefault();
    const handle = this.#handles[i];
    handle.focus();
    handle.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = this.#bar.getBoundingClientRect();
      const before = this.#weights.slice(0, i).reduce((a, b) => a + b, 0);
      this.#move(i, Math.round(((moved.clientX - box.left) / box.width) * 100 - before));
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
  }

  /** Gives route i this share, and its neighbour the rest of both. */
  #move(i, weight) {
    const both = this.#weights[i] + this.#weights[i + 1];
    this.#weights[i] = Math.min(both, Math.max(0, weight));
    this.#weights[i + 1] = both - this.#weights[i];
    this.#draw();
  }

  #draw(entering = -1) {
    const sum = this.#weights.reduce((a, b) => a + b, 0);
    this.#weights.forEach((weight, i) => {
      this.#segments[i].style.flexGrow = String(Math.max(weight, 0.01));
      setText(this.#segments[i].lastChild, `${round(weight)} %`);
      setAttribute(this.#segments[i], "title", `${this.#labels[i]}: ${round(weight)} %`);
      if (i !== entering) {
        this.#numbers[i].value = String(round(weight));
      }
    });
    this.#handles.forEach((handle, i) => {
      setAttribute(handle, "aria-valuemax", String(round(this.#weights[i] + this.#weights[i + 1])));
      setAttribute(handle, "aria-valuenow", String(round(this.#weights[i])));
      setAttribute(handle, "aria-valuetext", `${round(this.#weights[i])} % against ${round(this.#weights[i + 1])} %`);
    });
    const whole = Math.abs(sum - 100) < 1e-6;
    const saved = this.#isSaved();
    this.#save.disabled = saved || !whole;
    this.#reset.disabled = saved;
    setText(this.#sum, whole ? (saved ? "" : "Not applied yet") : `Together ${round(sum)} % (expected: 100 %)`);
  }

  async #commit() {
    this.#save.disabled = true;
    if (await this.#apply([...this.#weights])) {
      this.#saved = [...this.#weights];
    }
    this.#draw();
  }

  #revert() {
    this.#weights = [...this.#saved];
    this.#draw();
  }
}

function round(value) {
  return Math.round(value * 100) / 100;
}
