// Endpoint: its routes and their shares, how a canary goes, what feedback says.

import { failure } from "./access.js";
import { get, part, post, put, remove } from "./api.js";
import { TimeChart } from "./charts.js";
import { attempt } from "./control.js";
import { card, confirmed, copyButton, empty, h, loading, scroller, setAttribute, setText } from "./dom.js";
import { canaryChip } from "./endpoints.js";
import * as format from "./format.js";
import { definition, POLICIES, replacing, routesOf, routeText, VERDICTS } from "./policies.js";
import { go } from "./router.js";
import { WeightEditor } from "./weights.js";

const PERIOD_MS = 1500;

export const screen = {
  nav: "endpoints",
  title: (params) => params.name,
  show(main, { name }) {
    const page = new EndpointPage(name);
    main.append(page.element);
    page.fetch();
    const timer = setInterval(() => page.fetch(), PERIOD_MS);
    return () => clearInterval(timer);
  },
};

class EndpointPage {
  #name;
  #path;
  #fetching;
  #deleting = false;
  #policy = h("span", { class: "chip off" });
  #facts = h("span", { class: "muted" });
  #tools = h("div", { class: "row" });
  #place = h("div", {});
  #canary = new CanaryCard((verb) => this.#do(verb));
  #split = h("div", {});
  #weights = null;
  #routes = h("tbody", {});
  #bandit = h("div", {});
  #banditChart = null;
  #pairs = h("div", {});
  #feedback = h("div", {});
  #definition = h("pre", { class: "code", tabindex: "0", "aria-label": "Definition as JSON" });
  #body;
  #endpoint = null;
  #shape = "";

  constructor(name) {
    this.#name = name;
    this.#path = `/v1/endpoints/${part(name)}`;
    this.#body = h(
      "div",
      {},
      this.#canary.element,
      card("Routes", {}, this.#split, scroller("What each route did", {}, this.#table())),
      this.#bandit,
      this.#pairs,
      this.#feedback,
      card("Definition", { aside: copyButton(() => this.#definition.textContent) }, this.#definition),
    );
    this.#place.append(loading(name));
    this.element = h(
      "div",
      {},
      h("p", { class: "crumb" }, h("a", { href: "/console/endpoints" }, "Endpoints")),
      h("div", { class: "page-head" }, h("h1", {}, name), this.#policy, this.#facts, h("span", { class: "spring" }), this.#tools),
      this.#place,
    );
  }

  #table() {
    const numbers = ["Share", "Requests", "Errors", "Error rate", "Defaults", "p50", "p99"];
    return h(
      "table",
      { class: "table plain" },
      h("caption", { class: "visually-hidden" }, "What each route did"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Route"), numbers.map((name) => h("th", { scope: "col", class: "num" }, name)))),
      this.#routes,
    );
  }

  /** Asks anew, unless the endpoint is being deleted: it would not be found. */
  fetch() {
    if (!this.#deleting) {
      this.#fetching = this.#fetch();
    }
  }

  async #fetch() {
    try {
      const [endpoint, statistics] = await Promise.all([get(this.#path), get(`${this.#path}/statistics`)]);
      this.#draw(endpoint, statistics);
    } catch (error) {
      if (!this.#endpoint || error.isMissing) {
        this.#tools.replaceChildren();
        this.#place.replaceChildren(
          error.isMissing
            ? empty("There is no such endpoint", `No endpoint is called “${this.#name}”.`, h("a", { class: "button", href: "/console/endpoints" }, "All endpoints"))
            : failure(error, "The endpoint", ""),
        );
      }
    }
  }

  #draw(endpoint, statistics) {
    if (endpoint.revision < this.#endpoint?.revision) {
      return; // It was read before a change that is known already.
    }
    this.#endpoint = endpoint;
    const { policy } = endpoint;
    if (this.#place.firstChild !== this.#body) {
      this.#place.replaceChildren(this.#body);
    }
    setText(this.#policy, POLICIES[policy.type]?.label ?? policy.type);
    setAttribute(this.#policy, "title", POLICIES[policy.type]?.text ?? "");
    setText(this.#facts, facts(endpoint));
    setText(this.#definition, JSON.stringify(definition(endpoint), null, 2));
    const shape = JSON.stringify([policy.type, routesOf(policy).map(routeText)]);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#rebuild(policy);
    }
    this.#weights?.update(policy.routes.map((route) => route.weight));
    this.#canary.update(endpoint, statistics);
    this.#drawRoutes(policy, statistics.routes ?? []);
    this.#drawBandit(statistics.bandit);
    this.#pairs.replaceChildren(...pairs(statistics.ab));
    drawFeedback(this.#feedback, statistics.routes ?? []);
  }

  /** Makes anew what depends on which routes there are. */
  #rebuild(policy) {
    const link = (text, href, primary) => h("a", { class: `button ${primary ? "primary" : ""}`, href }, text);
    const edit = `/console/endpoints/${part(this.#name)}/edit`;
    this.#tools.replaceChildren(
      h("button", { type: "button", class: "button danger", onclick: () => this.#delete() }, "Delete"),
      policy.type === "canary" ? "" : link("Start a canary …", `${edit}?policy=canary`),
      link("Edit", edit),
      link("Try it", `/console/try?endpoint=${part(this.#name)}`, true),
    );
    this.#weights = null;
    this.#split.replaceChildren();
    if (policy.type === "split" && policy.routes.length > 1) {
      this.#weights = new WeightEditor(policy.routes.map(routeText), policy.routes.map((route) => route.weight), (weights) => this.#setWeights(weights));
      this.#split.append(this.#weights.element);
    } else {
      this.#split.append(h("p", { class: "muted" }, POLICIES[policy.type]?.text ?? ""));
    }
    this.#banditChart = null;
    this.#bandit.replaceChildren();
  }

  #setWeights(weights) {
    const { policy, ...rest } = definition(this.#endpoint);
    const routes = policy.routes.map((route, i) => ({ ...route, weight: weights[i] }));
    return attempt(`Shares of ${this.#name}`, async () => {
      this.#endpoint = await put(this.#path, replacing(this.#endpoint, { ...rest, policy: { ...policy, routes } }));
    });
  }

  #drawRoutes(policy, statistics) {
    const shares = routesOf(policy);
    const rows = statistics.length ? statistics : shares;
    while (this.#routes.children.length > rows.length) {
      this.#routes.lastChild.remove();
    }
    rows.forEach((route, i) => {
      const row = this.#routes.children[i] ?? this.#routes.appendChild(h("tr", {}, h("th", { scope: "row" }), Array.from({ length: 7 }, () => h("td", { class: "num" }))));
      const name = routeText(shares[i] ?? route);
      setText(row.children[0], name === routeText(route) || route.version === undefined ? name : `${name} → version ${route.version}`);
      const share = route.weight ?? shares[i]?.weight;
      [
        share === undefined ? "–" : `${format.number(share)} %`,
        format.count(route.requests),
        format.count(route.errors),
        route.requests ? format.percent(route.errors / route.requests) : "–",
        format.count(route.defaults),
        format.ms(route.p50_ms),
        format.ms(route.p99_ms),
      ].forEach((text, at) => setText(row.children[at + 1], text));
      row.children[3].classList.toggle("alarm", route.errors > 0);
    });
  }

  #drawBandit(bandit) {
    if (!bandit?.weights) {
      return;
    }
    if (!this.#banditChart) {
      const series = routesOf(this.#endpoint.policy).map((route, i) => ({ key: `w${i}`, label: routeText(route) }));
      this.#banditChart = new TimeChart("Share of each route", series, { stacked: true, format: format.percent, spanMs: 10 * 60_000 });
      this.#bandit.append(card("Bandit", {}, this.#banditChart.element));
    }
    const point = (time, weights) => ({ t: new Date(time).getTime(), ...Object.fromEntries(weights.map((weight, i) => [`w${i}`, weight])) });
    this.#banditChart.update([...(bandit.history ?? []).map((entry) => point(entry.time, entry.weights)), point(Date.now(), bandit.weights)]);
  }

  async #do(verb) {
    const { text, detail, button } = VERBS[verb];
    if (detail && !(await confirmed(`${text} ${this.#name}?`, detail, button))) {
      return;
    }
    await attempt(`${button}: ${this.#name}`, () => post(`${this.#path}:${verb}`));
    this.fetch();
  }

  async #delete() {
    const sure = await confirmed(`Delete ${this.#name}?`, "Requests to this name fail from then on. The models behind it stay.", "Delete");
    if (!sure) {
      return;
    }
    this.#deleting = true;
    await this.#fetching;
    if (await attempt(`Deletion of ${this.#name}`, () => remove(this.#path))) {
      go("/console/endpoints");
    } else {
      this.#deleting = false;
    }
  }
}

const VERBS = {
  promote: { text: "Promote the canary of", detail: "The canary answers everything from now on, whatever the analysis says.", button: "Promote" },
  rollback: { text: "Roll back the canary of", detail: "The baseline answers everything again.", button: "Roll back" },
  pause: { text: "Pause", button: "Pause" },
  resume: { text: "Resume", button: "Resume" },
  restart: { text: "Start again the canary of", detail: "It begins anew at its first step.", button: "Start again" },
};

function facts(endpoint) {
  return [
    endpoint.objective_ms ? `answers within ${format.ms(endpoint.objective_ms)}` : "",
    endpoint.default ? "has a default answer" : "",
    endpoint.sticky ? `sticky by ${endpoint.sticky.header ?? endpoint.sticky.input}` : "",
    endpoint.revision !== undefined ? `revision ${endpoint.revision}` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** How a canary goes, and what can be done about it. */
class CanaryCard {
  #chip = h("span", {});
  #verdict = h("span", {});
  #since = h("span", { class: "muted" });
  #steps = h("ol", { class: "steps", "aria-label": "Steps" });
  #reasons = h("ul", { class: "reasons", "aria-live": "polite" });
  #comparison = h("div", {});
  #buttons;
  #drawn = "";

  constructor(act) {
    const button = (verb, label, kind) => h("button", { type: "button", class: `button ${kind}`, onclick: () => act(verb) }, label);
    this.#buttons = {
      pause: button("pause", "Pause", ""),
      resume: button("resume", "Resume", ""),
      rollback: button("rollback", "Roll back", "danger"),
      promote: button("promote", "Promote now", "primary"),
      restart: button("restart", "Start again", ""),
    };
    this.element = card(
      "Canary",
      { aside: h("div", { class: "row" }, Object.values(this.#buttons)) },
      h("div", { class: "row" }, this.#chip, this.#verdict, this.#since),
      this.#steps,
      this.#reasons,
      this.#comparison,
    );
    this.element.hidden = true;
  }

  update({ policy, canary }, statistics) {
    const now = canary ?? statistics.canary;
    this.element.hidden = !now;
    if (!now) {
      return;
    }
    canaryChip(this.#chip, now);
    const [kind, word] = VERDICTS[now.verdict] ?? ["off", now.verdict ?? ""];
    setAttribute(this.#verdict, "class", `chip ${kind}`);
    setText(this.#verdict, word ? `Analysis: ${word.toLowerCase()}` : "");
    this.#verdict.hidden = !word;
    setText(this.#since, now.since ? `for ${format.ago(now.since)}` : "");
    const open = now.state === "running" || now.state === "paused";
    this.#buttons.pause.hidden = now.state !== "running";
    this.#buttons.resume.hidden = now.state !== "paused";
    this.#buttons.rollback.hidden = !open;
    this.#buttons.promote.hidden = !open;
    this.#buttons.restart.hidden = open;
    const key = JSON.stringify([policy.steps, now.step, now.state, now.weight, now.reasons]);
    if (key !== this.#drawn) {
      this.#drawn = key;
      this.#drawSteps(policy, now);
      this.#reasons.replaceChildren(...(now.reasons ?? []).map((reason) => h("li", {}, reason)));
    }
    this.#comparison.replaceChildren(...comparison(now.statistics ?? statistics.canary?.statistics));
  }

  #drawSteps(policy, now) {
    const steps = [...(policy.steps ?? []), ...(policy.steps?.at(-1) === 100 ? [] : [100])];
    this.#steps.hidden = !policy.steps;
    this.#steps.replaceChildren(
      ...steps.map((share, i) => {
        const promoted = now.state === "promoted";
        const current = !promoted && now.state !== "rolled_back" && now.weight === share;
        const done = promoted || (now.state !== "rolled_back" && share < now.weight);
        return h(
          "li",
          { class: `step ${done ? "done" : ""} ${current ? "current" : ""}`, "aria-current": current ? "step" : null },
          h("span", { class: "visually-hidden" }, done ? "Passed: " : current ? "Now: " : ""),
          i === steps.length - 1 && share === 100 ? "Promoted" : `${format.number(share)} %`,
        );
      }),
    );
  }
}

/** Whatever the analysis counted, as a table of names and numbers. */
function comparison(statistics) {
  if (!statistics || Object.keys(statistics).length === 0) {
    return [];
  }
  const sides = Object.entries(statistics).filter(([, value]) => value !== null && typeof value === "object" && !Array.isArray(value));
  const rest = Object.entries(statistics).filter(([, value]) => value === null || typeof value !== "object");
  const keys = [...new Set(sides.flatMap(([, side]) => Object.keys(side)))];
  const result = [];
  if (sides.length) {
    result.push(
      scroller(
        "What the analysis compares",
        {},
        h(
          "table",
          { class: "table plain" },
          h("caption", { class: "visually-hidden" }, "What the analysis compares"),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), keys.map((key) => h("th", { scope: "col", class: "num" }, words(key))))),
          h(
            "tbody",
            {},
            sides.map(([name, side]) => h("tr", {}, h("th", { scope: "row" }, words(name)), keys.map((key) => h("td", { class: "num" }, shown(key, side[key]))))),
          ),
        ),
      ),
    );
  }
  if (rest.length) {
    result.push(h("dl", { class: "facts-list" }, rest.map(([key, value]) => h("div", {}, h("dt", { class: "muted" }, words(key)), h("dd", {}, shown(key, value))))));
  }
  return result;
}

function words(key) {
  const text = key.replace(/_(ms|seconds)$/, "").replaceAll("_", " ");
  return text[0].toUpperCase() + text.slice(1);
}

function shown(key, value) {
  if (typeof value !== "number") {
    return value === undefined || value === null ? "–" : Array.isArray(value) ? value.join(", ") : String(value);
  }
  return key.endsWith("_ms") ? format.ms(value) : /rate|share|fraction/.test(key) ? format.percent(value) : format.number(Number(value.toPrecision(4)));
}

/** What an A/B comparison says of each pair of routes. */
function pairs(ab) {
  if (!ab) {
    return [];
  }
  const columns = ["Difference", "From", "To", "p"];
  return [
    card(
      "Comparison",
      {},
      h("p", { class: "muted" }, ab.best ? `${ab.best} is better than all others.` : "No route is better than all others, as far as can be told yet."),
      h(
        "table",
        { class: "table plain" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Routes"), columns.map((name) => h("th", { scope: "col", class: "num" }, name)))),
        h(
          "tbody",
          {},
          (ab.pairs ?? []).map((pair) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, `${pair.second} against ${pair.first}`),
              [pair.difference, pair.lower, pair.upper, pair.p_value].map((value) => h("td", { class: "num" }, format.number(value === undefined ? value : Number(value.toPrecision(3))))),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** What feedback says of a route in a few words. */
function feedbackText(feedback) {
  if (feedback.labelled) {
    return `right in ${format.count(feedback.correct)} of ${format.count(feedback.labelled)}`;
  }
  if (feedback.mean_reward !== undefined) {
    return `mean reward ${format.number(feedback.mean_reward)} of ${format.count(feedback.count)}`;
  }
  return feedback.mean_absolute_error === undefined
    ? `${format.count(feedback.count)} answers`
    : `off by ${format.number(feedback.mean_absolute_error)} in ${format.count(feedback.count)}`;
}

function drawFeedback(place, routes) {
  const known = routes.filter((route) => route.feedback?.count > 0);
  if (known.length === 0) {
    place.replaceChildren();
    return;
  }
  const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.key));
  place.replaceChildren(
    card(
      "Feedback",
      {},
      known.map((route) => {
        const { feedback } = route;
        const key = routeText(route);
        const fill = h("span", { class: "bar-fill" });
        fill.style.width = `${100 * (feedback.accuracy ?? 0)}%`;
        return h(
          "details",
          { class: "feedback", dataset: { key }, open: open.has(key) },
          h(
            "summary",
            {},
            h("span", { class: "mono" }, key),
            h("span", { class: "bar-track", "aria-hidden": "true" }, fill),
            h("strong", {}, format.percent(feedback.accuracy)),
            h("span", { class: "muted" }, feedbackText(feedback)),
          ),
          classTable(feedback.classes ?? []),
        );
      }),
    ),
  );
}

function classTable(classes) {
  if (classes.length === 0) {
    return h("p", { class: "muted" }, "No classes: the feedback was not of labels.");
  }
  return h(
    "table",
    { class: "table plain" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Class"), ["Precision", "Recall", "Count"].map((name) => h("th", { scope: "col", class: "num" }, name)))),
    h(
      "tbody",
      {},
      classes.map((one) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, String(one.label)),
          [format.percent(one.precision), format.percent(one.recall), format.count(one.count)].map((text) => h("td", { class: "num" }, text)),
        ),
      ),
    ),
  );
}
