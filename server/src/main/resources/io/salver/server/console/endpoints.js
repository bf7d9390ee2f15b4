// Endpoints: public names in front of models.

import { failure } from "./access.js";
import { get, part } from "./api.js";
import { empty, h, keyed, loading, scroller, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";
import { CANARY_STATES, POLICIES, routesOf, routeText } from "./policies.js";

const PERIOD_MS = 3000;

export const screen = {
  nav: "endpoints",
  title: () => "Endpoints",
  show(main) {
    const place = h("div", {}, loading("endpoints"));
    const rows = h("tbody", {});
    const parts = new Map();
    const table = scroller(
      "Endpoints",
      { class: "card flush" },
      h(
        "table",
        { class: "table" },
        h("caption", { class: "visually-hidden" }, "Endpoints"),
        h(
          "thead",
          {},
          h("tr", {}, ["Endpoint", "Policy", "Routes", "Canary", "Objective", "Changed"].map((name) => h("th", { scope: "col" }, name))),
        ),
        rows,
      ),
    );
    const create = h("a", { class: "button primary", href: "/console/new-endpoint" }, "New endpoint");
    main.append(h("div", { class: "page-head" }, h("h1", {}, "Endpoints"), h("span", { class: "spring" }), create), place);
    async function fetch() {
      try {
        const { endpoints } = await get("/v1/endpoints");
        create.hidden = false;
        keyed(rows, parts, endpoints, (endpoint) => endpoint.name, row);
        if (endpoints.length === 0) {
          place.replaceChildren(
            empty(
              "No endpoints yet",
              "An endpoint is a name in front of models. Behind it a new version can take over step by step, models can be compared, and an answer can be promised in time.",
              h("a", { class: "button", href: "/console/new-endpoint" }, "Create the first"),
            ),
          );
        } else if (place.firstChild !== table) {
          place.replaceChildren(table);
        }
      } catch (error) {
        if (place.firstChild !== table) {
          create.hidden = true;
          place.replaceChildren(failure(error, "The list of endpoints", "This server does not know endpoints."));
        }
      }
    }
    fetch();
    const timer = setInterval(fetch, PERIOD_MS);
    return () => clearInterval(timer);
  },
};

function row() {
  const name = h("a", { class: "model-name" });
  const policy = h("td", {});
  const routes = h("td", { class: "mono wrap" });
  const canary = h("span", {});
  const objective = h("td", {});
  const updated = h("td", { class: "muted" });
  return {
    element: h("tr", {}, h("th", { scope: "row" }, name), policy, routes, h("td", {}, canary), objective, updated),
    update(endpoint) {
      setText(name, endpoint.name);
      setAttribute(name, "href", `/console/endpoints/${part(endpoint.name)}`);
      setText(policy, POLICIES[endpoint.policy.type]?.label ?? endpoint.policy.type);
      setText(routes, routesOf(endpoint.policy).map((route) => routeText(route) + (route.weight ? ` ${route.weight} %` : "")).join(", "));
      canaryChip(canary, endpoint.canary);
      setText(objective, endpoint.objective_ms ? format.ms(endpoint.objective_ms) : "–");
      setText(updated, endpoint.updated ? `${format.ago(endpoint.updated)} ago` : "–");
    },
  };
}

/** Shows how a canary stands in a chip; nothing where there is none. */
export function canaryChip(chip, canary) {
  const [kind, word] = CANARY_STATES[canary?.state] ?? ["", ""];
  setAttribute(chip, "class", word ? `chip ${kind}` : "");
  setText(chip, !word ? "–" : canary.state === "running" ? `${word}, ${format.number(canary.weight)} %` : word);
}
