// Shows the screen that the address names. Links to screens change it without a new page.

import { h } from "./dom.js";

const routes = [];
let leave = null;

/**
 * Adds a screen.
 *
 * @param pattern as "/console/models/:name"
 * @param screen {nav, title(params), show(main, params, query)}, where show returns what is to be
 *     called when the screen is left
 */
export function route(pattern, screen) {
  const names = [];
  const source = pattern.replace(/:(\w+)/g, (_, name) => {
    names.push(name);
    return "([^/]+)";
  });
  routes.push({ expression: new RegExp(`^${source}/?$`), names, screen });
}

/** Goes to an address of the console. */
export function go(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  show();
}

/** Begins to follow the address. */
export function start() {
  addEventListener("popstate", () => show());
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link && plain && !link.target && link.origin === location.origin && link.pathname.startsWith("/console")) {
      if (link.getAttribute("href").startsWith("#")) {
        return;
      }
      event.preventDefault();
      go(link.getAttribute("href"));
    }
  });
  show({ first: true });
}

/** Shows the screen anew. */
export function show({ first = false } = {}) {
  leave?.();
  leave = null;
  const main = document.getElementById("main");
  main.replaceChildren();
  const found = match(location.pathname);
  const screen = found?.screen ?? missing;
  document.title = `${screen.title(found?.params ?? {})} · Salver`;
  for (const link of document.querySelectorAll("#nav a")) {
    const current = link.dataset.nav === screen.nav;
    link.toggleAttribute("aria-current", current);
    if (current) {
      link.setAttribute("aria-current", "page");
    }
  }
  leave = screen.show(main, found?.params ?? {}, new URLSearchParams(location.search)) ?? null;
  if (!first) {
    scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
}

function match(path) {
  for (const { expression, names, screen } of routes) {
    const parts = expression.exec(path);
    if (parts) {
      const params = Object.fromEntries(names.map((name, i) => [name, decode(parts[i + 1])]));
      return { screen, params };
    }
  }
  return null;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const missing = {
  nav: "",
  title: () => "Not found",
  show(main) {
    main.append(
      h("h1", {}, "There is no such screen"),
      h("p", { class: "muted" }, `Nothing is at ${location.pathname}.`),
      h("p", {}, h("a", { href: "/console/" }, "All models")),
    );
  },
};
