// Try it: a form made from what a model takes, and its answer.

import { failure } from "./access.js";
import { answerView } from "./answer.js";
import { apiKey, exchange, get, part, problem } from "./api.js";
import { card, copyButton, empty, h, loading, setText } from "./dom.js";
import { requestBody, takesRows } from "./examples.js";
import { field } from "./fields.js";
import * as format from "./format.js";
import { live } from "./live.js";
import { canBeTried } from "./models.js";
import { go } from "./router.js";
import { signatures } from "./signature.js";

const SHOWN_BYTES = 20_000;
const INLINE_CHARACTERS = 600;

export const screen = {
  nav: "try",
  title: () => "Try it",
  show(main, _, query) {
    const page = new TryPage(query.get("model"), query.get("endpoint"));
    main.append(page.element);
    const update = () => page.offer();
    live.addEventListener("state", update);
    page.start();
    return () => live.removeEventListener("state", update);
  },
};

class TryPage {
  #target;
  #isEndpoint;
  #picker = h("select", { id: "target", onchange: () => this.#chosen() });
  #version = h("select", { id: "version", onchange: () => this.#fetch() });
  #versionPart = h("span", { class: "row" }, h("label", { for: "version" }, "Version"), this.#version);
  #signature = h("select", { id: "signature", onchange: () => this.#draw() });
  #signaturePart = h("span", { class: "row" }, h("label", { for: "signature" }, "Signature"), this.#signature);
  #body = h("div", {}, loading("models"));
  #endpoints = [];
  #offered = "";
  #known = [];

  constructor(model, endpoint) {
    this.#target = endpoint ?? model;
    this.#isEndpoint = Boolean(endpoint);
    this.#versionPart.hidden = true;
    this.#signaturePart.hidden = true;
    this.element = h(
      "div",
      {},
      h("div", { class: "page-head" }, h("h1", {}, "Try it")),
      h(
        "div",
        { class: "row try-head" },
        h("span", { class: "row" }, h("label", { for: "target" }, "Send to"), this.#picker),
        this.#versionPart,
        this.#signaturePart,
      ),
      this.#body,
    );
  }

  async start() {
    try {
      this.#endpoints = (await get("/v1/endpoints")).endpoints ?? [];
    } catch {
      this.#endpoints = [];
    }
    this.#offered = "";
    this.offer();
  }

  /** Offers the models that are available now, and the endpoints. */
  offer() {
    if (!live.state) {
      return;
    }
    const models = live.state.models.filter(canBeTried);
    const key = JSON.stringify([models.map((model) => model.name), this.#endpoints.map((endpoint) => endpoint.name)]);
    if (key === this.#offered) {
      return;
    }
    this.#offered = key;
    if (models.length === 0) {
      this.#body.replaceChildren(empty("Nothing to try yet", "No model is available. The Models screen says why."));
      return;
    }
    const option = (kind) => ({ name }) => h("option", { value: `${kind}/${name}` }, name);
    this.#picker.replaceChildren(
      this.#endpoints.length ? h("optgroup", { label: "Endpoints" }, this.#endpoints.map(option("endpoint"))) : "",
      h("optgroup", { label: "Models" }, models.map(option("model"))),
    );
    if (this.#target === null) {
      this.#target = models[0].name;
    }
    this.#picker.value = `${this.#isEndpoint ? "endpoint" : "model"}/${this.#target}`;
    this.#fetch({ anew: true });
  }

  #chosen() {
    const [kind, ...name] = this.#picker.value.split("/");
    go(`/console/try?${kind}=${part(name.join("/"))}`, { replace: true });
  }

  async #fetch({ anew = false } = {}) {
    if (anew) {
      this.#offerVersions();
    }
    this.#body.replaceChildren(loading("the signature"));
    try {
      const model = this.#isEndpoint ? this.#routedModel() : this.#target;
      this.#known = await signatures(model, this.#isEndpoint ? undefined : this.#exactVersion());
      const chosen = this.#signature.value;
      this.#signature.replaceChildren(...this.#known.map(({ name }) => h("option", { value: name }, name)));
      if (this.#known.some(({ name }) => name === chosen)) {
        this.#signature.value = chosen;
      }
      this.#signaturePart.hidden = this.#known.length < 2;
      this.#draw();
    } catch (error) {
      this.#body.replaceChildren(failure(error, "The signature", `Nothing called “${this.#target}” is available now.`));
    }
  }

  /** A model that the endpoint leads to: they all take the same. */
  #routedModel() {
    const endpoint = this.#endpoints.find((one) => one.name === this.#target);
    const policy = endpoint?.policy ?? {};
    return (policy.route ?? policy.baseline ?? policy.routes?.[0] ?? {}).model ?? this.#target;
  }

  #offerVersions() {
    const model = live.model(this.#target);
    this.#versionPart.hidden = this.#isEndpoint || !model;
    const available = (model?.versions ?? []).filter((version) => version.state === "AVAILABLE");
    this.#version.replaceChildren(
      h("option", { value: "" }, "the latest"),
      ...Object.keys(model?.labels ?? {}).map((label) => h("option", { value: `labels/${label}` }, label)),
      ...available.map(({ version }) => h("option", { value: `versions/${version}` }, String(version))),
    );
  }

  #exactVersion() {
    const [kind, value] = this.#version.value.split("/");
    const label = kind === "labels" ? live.model(this.#target)?.labels[value] : undefined;
    return kind === "versions" ? value : label;
  }

  #path() {
    const selected = !this.#isEndpoint && this.#version.value ? `/${this.#version.value}` : "";
    return `/v1/models/${part(this.#target)}${selected}:predict`;
  }

  #draw() {
    const signature = this.#known.find(({ name }) => name === this.#signature.value) ?? this.#known[0];
    if (signature) {
      this.#body.replaceChildren(new Trial(signature, () => this.#path()).element);
    } else {
      this.#body.replaceChildren(empty("Nothing to fill in", "This model names no inputs."));
    }
  }
}

/** The form for a signature, and what came back. */
class Trial {
  #signature;
  #path;
  #rows;
  #fields;
  #mode = "form";
  #form;
  #json = h("textarea", { class: "json", rows: "14", spellcheck: "false", "aria-label": "Request as JSON" });
  #problem = h("p", { class: "field-problem", role: "alert" });
  #curl = h("pre", { class: "code", tabindex: "0", "aria-label": "The request as a command" });
  #send = h("button", { type: "submit", class: "button primary" }, "Send");
  #result = h("div", { "aria-live": "polite" });
  #text = "";

  constructor(signature, path) {
    this.#signature = signature;
    this.#path = path;
    this.#rows = takesRows(signature);
    this.#fields = signature.inputs.map((input) => [input.name, field(input, this.#rows, () => this.#changed())]);
    this.#form = h("div", { class: "fields" }, this.#fields.map(([, one]) => one.element));
    this.#json.hidden = true;
    this.#json.addEventListener("input", () => this.#changed());
    this.#result.append(empty("No answer yet", "Fill in the form, or leave the examples as they are, and send it."));
    const form = h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
        onkeydown: (event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            this.#submit();
          }
        },
      },
      this.#form,
      this.#json,
      this.#problem,
      h("div", { class: "row" }, this.#send, h("span", { class: "muted" }, "or Ctrl + Enter")),
    );
    this.element = h(
      "div",
      { class: "try" },
      h(
        "div",
        {},
        card("Request", { aside: this.#modes() }, form),
        card("As a command", { aside: copyButton(() => this.#command(Infinity)) }, this.#curl),
      ),
      card("Answer", {}, this.#result),
    );
    this.#changed();
  }

  #modes() {
    const choice = (mode, label) =>
      h(
        "label",
        { class: "segment" },
        h("input", { type: "radio", name: "mode", value: mode, checked: mode === this.#mode, onchange: () => this.#turn(mode) }),
        h("span", {}, label),
      );
    return h("div", { class: "segments", role: "radiogroup", "aria-label": "How to enter the request" }, choice("form", "Form"), choice("json", "JSON"));
  }

  #turn(mode) {
    if (mode === "json") {
      this.#json.value = this.#text.length > SHOWN_BYTES ? this.#text : pretty(this.#text);
    }
    this.#mode = mode;
    this.#form.hidden = mode !== "form";
    this.#json.hidden = mode !== "json";
    this.#changed();
  }

  /** Makes the request of what is entered, and says what is wrong with it. */
  #changed() {
    try {
      if (this.#mode === "json") {
        JSON.parse(this.#json.value);
        this.#text = this.#json.value;
      } else {
        const values = Object.fromEntries(this.#fields.map(([name, one]) => [name, one.value()]));
        this.#text = JSON.stringify(requestBody(this.#signature, this.#rows, values));
      }
      setText(this.#problem, "");
      this.#send.disabled = false;
    } catch (error) {
      setText(this.#problem, error.message);
      this.#send.disabled = true;
    }
    setText(this.#curl, this.#command(INLINE_CHARACTERS));
  }

  #command(limit) {
    const key = apiKey() ? " \\\n  -H \"Authorization: Bearer $SALVER_KEY\"" : "";
    const compact = JSON.stringify(safeParse(this.#text)) ?? this.#text;
    const left = compact.length - limit;
    const body = left > 0 ? `${compact.slice(0, limit)} … (${left.toLocaleString("en")} more; Copy has all)` : compact;
    return `curl ${location.origin}${this.#path()}${key} \\\n  -d '${body.replaceAll("'", "'\\''")}'`;
  }

  async #submit() {
    if (this.#send.disabled) {
      return;
    }
    this.#send.disabled = true;
    const startMs = performance.now();
    try {
      const { response, text } = await exchange("POST", this.#path(), this.#text);
      this.#show(response, text, performance.now() - startMs);
    } catch (error) {
      this.#result.replaceChildren(empty("No answer", error.message));
    } finally {
      this.#send.disabled = false;
    }
  }

  #show(response, text, tookMs) {
    const facts = [
      h("span", { class: `chip ${response.ok ? "good" : "bad"}` }, `${response.status} ${response.ok ? "OK" : "Refused"}`),
      h("span", { class: "fact" }, h("strong", {}, format.ms(tookMs)), " seen by this browser"),
    ];
    for (const [header, label] of [
      ["salver-model", "model"],
      ["salver-version", "version"],
      ["salver-prediction-id", "prediction"],
    ]) {
      const value = response.headers.get(header);
      if (value) {
        facts.push(h("span", { class: "fact" }, `${label} `, h("span", { class: "mono" }, value)));
      }
    }
    if (response.headers.get("salver-default") === "true") {
      facts.push(h("span", { class: "chip busy" }, "Default answer"));
    }
    const answer = safeParse(text);
    const readable = response.ok && answer !== undefined ? answerView(answer) : h("p", { class: "refusal" }, problem(response, text));
    const shown = text.length > SHOWN_BYTES ? `${text.slice(0, SHOWN_BYTES)} …` : pretty(text);
    this.#result.replaceChildren(
      h("div", { class: "row facts" }, facts),
      readable,
      h(
        "details",
        {},
        h("summary", {}, "The answer as JSON"),
        h("div", { class: "row end" }, copyButton(() => text)),
        h("pre", { class: "code", tabindex: "0", "aria-label": "The answer as JSON" }, shown),
      ),
    );
  }
}

function safeParse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function pretty(text) {
  const value = safeParse(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
}
