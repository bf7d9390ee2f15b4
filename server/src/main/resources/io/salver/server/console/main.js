// The frame around the screens: navigation, connection, theme and key.

import { askForKey, keyButton } from "./access.js";
import * as activity from "./activity.js";
import * as costs from "./costs.js";
import { h, setText } from "./dom.js";
import * as endpoint from "./endpoint.js";
import * as endpointForm from "./endpoint-form.js";
import * as endpoints from "./endpoints.js";
import { live } from "./live.js";
import * as model from "./model.js";
import * as models from "./models.js";
import { route, start } from "./router.js";
import * as tryIt from "./try.js";

const NAVIGATION = [
  ["models", "/console/", "Models"],
  ["endpoints", "/console/endpoints", "Endpoints"],
  ["try", "/console/try", "Try it"],
  ["activity", "/console/activity", "Activity"],
  ["costs", "/console/costs", "Cost"],
];

route("/console", models.screen);
route("/console/models", models.screen);
route("/console/models/:name", model.screen);
route("/console/endpoints", endpoints.screen);
route("/console/new-endpoint", endpointForm.create);
route("/console/endpoints/:name", endpoint.screen);
route("/console/endpoints/:name/edit", endpointForm.edit);
route("/console/try", tryIt.screen);
route("/console/activity", activity.screen);
route("/console/costs", costs.screen);

function navigation() {
  document
    .getElementById("nav")
    .append(h("ul", {}, NAVIGATION.map(([nav, href, label]) => h("li", {}, h("a", { href, dataset: { nav } }, label)))));
}

function tools() {
  const theme = h("button", { type: "button", class: "button small quiet" });
  const label = () => setText(theme, salverTheme.current() === "dark" ? "Light theme" : "Dark theme");
  theme.addEventListener("click", () => {
    salverTheme.toggle();
    label();
  });
  label();
  const key = h("button", { type: "button", class: "button small quiet", onclick: askForKey }, "API key");
  document.getElementById("tools").append(theme, key);
}

/** Says how the connection is, and what can be done where there is none. */
function connection() {
  const place = document.getElementById("live");
  const banner = document.getElementById("banner");
  const names = { connecting: "Connecting", live: "Live", gone: "Not connected", denied: "No access" };
  const countdown = h("span", { "aria-hidden": "true" });
  const tick = () => {
    const seconds = Math.max(0, Math.ceil((live.retryAt - Date.now()) / 1000));
    setText(countdown, seconds > 0 ? ` Next try in ${seconds} s.` : " Trying …");
  };
  setInterval(tick, 500);
  const update = () => {
    place.dataset.status = live.status;
    setText(place.querySelector(".live-text"), names[live.status]);
    document.body.classList.toggle("stale", live.status === "gone");
    if (live.status === "gone") {
      tick();
      banner.replaceChildren(
        h("span", {}, "The server does not answer; what you see may be old."),
        countdown,
        h("button", { type: "button", class: "button small", onclick: () => live.connect() }, "Try now"),
      );
    } else if (live.status === "denied") {
      banner.replaceChildren(h("span", {}, "The server asks for an API key before it shows its state."), keyButton());
    } else {
      banner.replaceChildren();
    }
    banner.className = banner.childElementCount ? "banner" : "";
  };
  live.addEventListener("status", update);
  live.addEventListener("state", () => setText(document.getElementById("release"), `Salver ${live.state.salver}`));
  update();
}

navigation();
tools();
connection();
start();
live.connect();
