// Activity: who changed what.

import { failure } from "./access.js";
import { get } from "./api.js";
import { empty, h, keyed, loading, scroller, setText } from "./dom.js";
import * as format from "./format.js";

const PAGE = 100;
const PERIOD_MS = 5000;

export const screen = {
  nav: "activity",
  title: () => "Activity",
  show(main) {
    const place = h("div", {}, loading("the log"));
    const rows = h("tbody", {});
    const parts = new Map();
    const older = h("button", { type: "button", class: "button", onclick: () => more() }, "Older");
    const filter = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter the log", oninput: () => draw() });
    let entries = [];
    const table = h(
      "div",
      {},
      scroller(
        "Changes",
        { class: "card flush" },
        h(
          "table",
          { class: "table" },
          h("caption", { class: "visually-hidden" }, "Changes, newest first"),
          h(
            "thead",
            {},
            h("tr", {}, ["Time", "Who", "What", "Of what", "Detail", "Outcome"].map((name) => h("th", { scope: "col" }, name))),
          ),
          rows,
        ),
      ),
      older,
    );
    main.append(h("div", { class: "page-head" }, h("h1", {}, "Activity"), filter), place);

    function draw() {
      const wanted = filter.value.trim().toLowerCase();
      const shown = entries.filter((entry) => JSON.stringify(Object.values(entry)).toLowerCase().includes(wanted));
      keyed(rows, parts, shown, (entry) => entry.id, row);
      if (entries.length === 0) {
        place.replaceChildren(empty("Nothing was changed yet", "Every change of a model or an endpoint is written down here, with who made it."));
      } else if (place.firstChild !== table) {
        place.replaceChildren(table);
      }
    }

    function add(list) {
      const known = new Map([...entries, ...list].map((entry) => [entry.id, entry]));
      entries = [...known.values()].sort((a, b) => b.id - a.id);
      draw();
    }

    async function latest() {
      try {
        const answer = await get(`/v1/activity?limit=${PAGE}`);
        older.hidden = entries.length === 0 ? answer.entries.length < PAGE : older.hidden;
        add(answer.entries);
      } catch (error) {
        if (entries.length === 0) {
          place.replaceChildren(failure(error, "The activity log", "This server keeps no log of changes."));
        }
      }
    }

    async function more() {
      const answer = await get(`/v1/activity?limit=${PAGE}&before=${entries.at(-1).id}`);
      older.hidden = answer.entries.length < PAGE;
      add(answer.entries);
    }

    latest();
    const timer = setInterval(latest, PERIOD_MS);
    return () => clearInterval(timer);
  },
};

function row(entry) {
  const time = h("time", { datetime: entry.time, class: "mono" }, format.time(entry.time));
  const good = !/fail|refus|denied|error|conflict|^[45]\d\d/i.test(entry.outcome ?? "");
  const detail = typeof entry.detail === "object" && entry.detail !== null ? JSON.stringify(entry.detail) : String(entry.detail ?? "");
  return {
    element: h(
      "tr",
      {},
      h("td", {}, time),
      h("td", {}, entry.actor || "–"),
      h("th", { scope: "row" }, entry.action),
      h("td", { class: "wrap" }, entry.target || "–"),
      h("td", { class: "muted wrap" }, detail),
      h("td", {}, h("span", { class: `chip ${good ? "good" : "bad"}` }, entry.outcome || "–")),
    ),
    update: () => setText(time, format.time(entry.time)),
  };
}
