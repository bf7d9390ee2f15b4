// Creates or changes an endpoint, by a form or as JSON.

import { failure } from "./access.js";
import { get, part, put } from "./api.js";
import { card, h, loading, setText, toast } from "./dom.js";
import { live } from "./live.js";
import { definition, POLICIES, replacing, turned } from "./policies.js";
import { go } from "./router.js";

const START = { name: "", policy: { type: "direct", route: { model: "" } } };

export const create = {
  nav: "endpoints",
  title: () => "New endpoint",
  show(main) {
    main.append(new EndpointForm(structuredClone(START), true).element);
  },
};

export const edit = {
  nav: "endpoints",
  title: (params) => `Edit ${params.name}`,
  show(main, { name }, query) {
    const place = h("div", {}, loading(name));
    main.append(place);
    get(`/v1/endpoints/${part(name)}`).then(
      (endpoint) => {
        const known = definition(endpoint);
        const wanted = query.get("policy");
        const policy = wanted && wanted !== known.policy.type ? turned(wanted, known.policy) : known.policy;
        place.replaceChildren(new EndpointForm(replacing(endpoint, { ...known, policy }), false).element);
      },
      (error) => place.replaceChildren(failure(error, "The endpoint", `No endpoint is called “${name}”.`)),
    );
  },
};

class EndpointForm {
  #draft;
  #isNew;
  #fields = h("div", {});
  #json = h("textarea", { class: "json", rows: "22", spellcheck: "false", hidden: true, "aria-label": "Definition as JSON" });
  #problem = h("p", { class: "field-problem", role: "alert" });
  #mode = "form";
  #models = h("datalist", { id: "model-names" });

  constructor(draft, isNew) {
    this.#draft = draft;
    this.#isNew = isNew;
    const back = isNew ? "/console/endpoints" : `/console/endpoints/${part(draft.name)}`;
    this.element = h(
      "div",
      {},
      h("p", { class: "crumb" }, h("a", { href: "/console/endpoints" }, "Endpoints"), isNew ? null : [" / ", h("a", { href: back }, draft.name)]),
      h("div", { class: "page-head" }, h("h1", {}, isNew ? "New endpoint" : `Edit ${draft.name}`)),
      h(
        "form",
        {
          class: "narrow",
          onsubmit: (event) => {
            event.preventDefault();
            this.#save();
          },
        },
        card("Definition", { aside: this.#modes() }, this.#fields, this.#json),
        this.#problem,
        h("div", { class: "row" }, h("button", { type: "submit", class: "button primary" }, isNew ? "Create" : "Save"), h("a", { class: "button", href: back }, "Cancel")),
      ),
      this.#models,
    );
    this.#draw();
    this.#offerModels();
  }

  #offerModels() {
    if (!live.state) {
      live.addEventListener("state", () => this.#offerModels(), { once: true });
      return;
    }
    this.#models.replaceChildren(...live.state.models.map((model) => h("option", { value: model.name })));
  }

  #modes() {
    const choice = (mode, label) =>
      h(
        "label",
        { class: "segment" },
        h("input", { type: "radio", name: "form-mode", value: mode, checked: mode === "form", onchange: () => this.#turn(mode) }),
        h("span", {}, label),
      );
    return h("div", { class: "segments", role: "radiogroup", "aria-label": "How to enter the definition" }, choice("form", "Form"), choice("json", "JSON"));
  }

  #turn(mode) {
    if (mode === "json") {
      this.#json.value = JSON.stringify(this.#draft, null, 2);
    } else {
      try {
        this.#draft = JSON.parse(this.#json.value);
      } catch (error) {
        setText(this.#problem, error.message);
      }
      this.#draw();
    }
    this.#mode = mode;
    this.#fields.hidden = mode !== "form";
    this.#json.hidden = mode !== "json";
  }

  async #save() {
    try {
      const draft = this.#mode === "json" ? JSON.parse(this.#json.value) : this.#draft;
      if (!draft.name) {
        throw new Error("Name: empty (expected: what clients put where a model's name stands)");
      }
      const { name } = draft;
      await put(`/v1/endpoints/${part(name)}`, draft);
      toast(`${name} is ${this.#isNew ? "created" : "saved"}`);
      go(`/console/endpoints/${part(name)}`);
    } catch (error) {
      setText(this.#problem, error.message);
    }
  }

  #draw() {
    const draft = this.#draft;
    const { policy } = draft;
    this.#fields.replaceChildren(
      labelled("Name", "e-name", h("input", { id: "e-name", value: draft.name, disabled: !this.#isNew, required: true, spellcheck: "false", oninput: (event) => (draft.name = event.target.value.trim()) }), "What clients put where a model’s name stands."),
      labelled(
        "Policy",
        "e-policy",
        h(
          "select",
          {
            id: "e-policy",
            onchange: (event) => {
              draft.policy = turned(event.target.value, policy);
              this.#draw();
              document.getElementById("e-policy").focus();
            },
          },
          Object.entries(POLICIES).map(([type, { label }]) => h("option", { value: type, selected: type === policy.type }, label)),
        ),
        POLICIES[policy.type]?.text,
      ),
      ...this.#policyFields(policy),
      h("div", { class: "two" }, this.#objective(), this.#sticky()),
      this.#default(),
    );
  }

  #policyFields(policy) {
    const route = (key, label) => this.#route(label, policy[key], (value) => (policy[key] = value));
    const numeric = (key, label, help, scale = 1) =>
      labelled(
        label,
        `e-${key}`,
        h("input", {
          id: `e-${key}`,
          type: "number",
          step: "any",
          value: policy[key] === undefined ? "" : String(policy[key] * scale),
          oninput: (event) => assign(policy, key, event.target.value === "" ? undefined : Number(event.target.value) / scale),
        }),
        help,
      );
    switch (policy.type) {
      case "direct":
        return [route("route", "Route")];
      case "canary":
        return [
          route("baseline", "Baseline, which answers now"),
          route("canary", "Canary, which is to take over"),
          h(
            "div",
            { class: "two" },
            labelled(
              "Steps in %",
              "e-steps",
              h("input", {
                id: "e-steps",
                value: policy.steps.join(", "),
                oninput: (event) => (policy.steps = event.target.value.split(/[,\s]+/).filter(Boolean).map(Number)),
              }),
              "The canary’s share at each step, rising.",
            ),
            numeric("step_seconds", "Seconds in each step", "At least; longer where there is too little to judge by."),
            numeric("max_error_rate_increase", "Errors, at most % more", "In percent of all requests.", 100),
            numeric("max_latency_increase", "Latency, at most % more", "Over the baseline’s.", 100),
            numeric("max_difference_rate", "Different answers, at most %", "Empty: answers are not compared.", 100),
          ),
        ];
      case "shadow":
        return [route("route", "Route that answers"), this.#list("Shadows", policy, "shadows", 1), numeric("percent", "Copied requests in %")];
      case "bandit":
        return [
          this.#choice("Algorithm", policy, "algorithm", ["exp3", "exp4", "thompson", "linucb"]),
          this.#list("Routes", policy, "routes", 2),
          labelled(
            "Features",
            "e-features",
            h("input", {
              id: "e-features",
              value: (policy.features ?? []).join(", "),
              oninput: (event) => {
                const names = event.target.value.split(/[,\s]+/).filter(Boolean);
                assign(policy, "features", names.length ? names : undefined);
              },
            }),
            "Inputs of one number each; for linucb, and exp4 if wanted.",
          ),
        ];
      case "ensemble":
        return [
          this.#choice("Combine by", policy, "combine", ["majority", "mean", "weighted", "stack"], () => {
            assign(policy, "stack", policy.combine === "stack" ? { model: "" } : undefined);
            this.#draw();
          }),
          this.#list("Members", policy, "routes", 2, policy.combine === "weighted"),
          ...(policy.combine === "stack" ? [route("stack", "Model that gets the members’ outputs")] : []),
          numeric("min_confidence", "Least agreement", "From 0 to 1; below it the default answers."),
        ];
      case "cascade":
        return [this.#list("Routes, smallest model first", policy, "routes", 2), numeric("min_confidence", "Sure from", "The probability of the likeliest class, from 0 to 1.")];
      default:
        return [this.#list("Routes", policy, "routes", policy.type === "split" ? 1 : 2, policy.type === "split")];
    }
  }

  #choice(label, policy, key, values, changed = () => {}) {
    return labelled(
      label,
      `e-${key}`,
      h(
        "select",
        {
          id: `e-${key}`,
          onchange: (event) => {
            policy[key] = event.target.value;
            changed();
          },
        },
        values.map((value) => h("option", { value, selected: value === policy[key] }, value)),
      ),
    );
  }

  /** Routes that can be added and taken away. */
  #list(legend, policy, key, least, weighted = false) {
    const routes = policy[key];
    return h(
      "fieldset",
      {},
      h("legend", {}, legend),
      routes.map((one, i) =>
        this.#route(`${i + 1}`, one, (value) => (routes[i] = value), {
          weighted,
          remove:
            routes.length > least
              ? () => {
                  routes.splice(i, 1);
                  this.#draw();
                }
              : null,
        }),
      ),
      h(
        "button",
        {
          type: "button",
          class: "button small",
          onclick: () => {
            routes.push({ model: routes.at(-1)?.model ?? "", ...(weighted ? { weight: 0 } : {}) });
            this.#draw();
          },
        },
        "Add a route",
      ),
    );
  }

  /** A model, and which version of it. */
  #route(label, route, changed, { weighted = false, remove = null } = {}) {
    const kind = route.version !== undefined ? "version" : route.label !== undefined ? "label" : "latest";
    const model = h("input", { value: route.model, list: "model-names", required: true, spellcheck: "false", "aria-label": `${label}: model`, placeholder: "model" });
    const select = h(
      "select",
      { "aria-label": `${label}: which version` },
      [["latest", "latest version"], ["version", "version"], ["label", "label"]].map(([value, text]) => h("option", { value, selected: value === kind }, text)),
    );
    const which = h("input", { value: String(route.version ?? route.label ?? ""), "aria-label": `${label}: number or label`, class: "short", hidden: kind === "latest" });
    const weight = h("input", { type: "number", min: "0", max: "100", step: "any", value: String(route.weight ?? 0), "aria-label": `${label}: weight in percent`, class: "short", hidden: !weighted });
    const take = () => {
      which.hidden = select.value === "latest";
      const value = { model: model.value.trim() };
      if (select.value === "version") {
        value.version = Number(which.value);
      } else if (select.value === "label") {
        value.label = which.value.trim();
      }
      if (weighted) {
        value.weight = Number(weight.value);
      }
      changed(value);
    };
    for (const input of [model, which, weight]) {
      input.addEventListener("input", take);
    }
    select.addEventListener("change", take);
    return h(
      "div",
      { class: "route-field", role: "group", "aria-label": label },
      h("span", { class: "route-label" }, label),
      model,
      select,
      which,
      weight,
      weighted ? h("span", { class: "muted" }, "%") : null,
      remove ? h("button", { type: "button", class: "button small", "aria-label": `Remove route ${label}`, onclick: remove }, "Remove") : null,
    );
  }

  #objective() {
    const draft = this.#draft;
    return labelled(
      "Answer within, in ms",
      "e-objective",
      h("input", {
        id: "e-objective",
        type: "number",
        min: "0",
        step: "any",
        value: draft.objective_ms === undefined ? "" : String(draft.objective_ms),
        oninput: (event) => assign(draft, "objective_ms", event.target.value === "" ? undefined : Number(event.target.value)),
      }),
      "Empty: no objective.",
    );
  }

  #sticky() {
    const draft = this.#draft;
    const kind = draft.sticky?.header !== undefined ? "header" : draft.sticky?.input !== undefined ? "input" : "";
    const name = h("input", { value: draft.sticky?.header ?? draft.sticky?.input ?? "", "aria-label": "Name of the header or input", hidden: kind === "", spellcheck: "false" });
    const select = h(
      "select",
      { id: "e-sticky" },
      [["", "by chance"], ["header", "by a header"], ["input", "by an input"]].map(([value, text]) => h("option", { value, selected: value === kind }, text)),
    );
    const take = () => {
      name.hidden = select.value === "";
      assign(draft, "sticky", select.value ? { [select.value]: name.value.trim() } : undefined);
    };
    select.addEventListener("change", take);
    name.addEventListener("input", take);
    return labelled("The same caller gets the same route", "e-sticky", h("div", { class: "row" }, select, name));
  }

  #default() {
    const draft = this.#draft;
    return labelled(
      "Default answer",
      "e-default",
      h("textarea", {
        id: "e-default",
        rows: "2",
        spellcheck: "false",
        value: draft.default === undefined ? "" : JSON.stringify(draft.default),
        placeholder: '{"minutes": 40}',
        oninput: (event) => {
          try {
            assign(draft, "default", event.target.value.trim() === "" ? undefined : JSON.parse(event.target.value));
            setText(this.#problem, "");
          } catch (error) {
            setText(this.#problem, `Default answer: ${error.message} (expected: outputs as JSON)`);
          }
        },
      }),
      "Outputs as JSON, for when no model answers in time. Empty: none.",
    );
  }
}

function labelled(label, id, control, help) {
  return h("div", { class: "field" }, h("label", { for: id }, label), control, help ? h("span", { class: "muted" }, help) : null);
}

/** Sets a member, or takes it away where there is no value. */
function assign(object, key, value) {
  if (value === undefined) {
    delete object[key];
  } else {
    object[key] = value;
  }
}
