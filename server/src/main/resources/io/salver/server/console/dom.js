// Makes and changes elements. Text is always set as text, never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element with properties ("onclick", "class", attributes) and children. */
export function h(tag, props, ...children) {
  return build(document.createElement(tag), props, children);
}

/** As h, for SVG. */
export function svg(tag, props, ...children) {
  return build(document.createElementNS(SVG, tag), props, children);
}

function build(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    set(element, name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    return;
  }
  if (name.startsWith("on")) {
    element.addEventListener(name.slice(2), value);
  } else if (name === "value" || name === "checked" || name === "disabled" || name === "selected") {
    element[name] = value;
  } else if (name === "dataset") {
    Object.assign(element.dataset, value);
  } else {
    element.setAttribute(name, value === true ? "" : value);
  }
}

/** Sets an element's text where it differs, so that nothing is announced or selected anew. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** Sets an attribute where it differs. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) {
    element.setAttribute(name, value);
  }
}

/**
 * Keeps the children of a container in step with items: those that stay are updated, not made anew,
 * so that focus and scrolling survive.
 *
 * @param parts a Map from key to {element, update}, kept by the caller between calls
 */
export function keyed(container, parts, items, keyOf, create) {
  const seen = new Set();
  let previous = null;
  for (const item of items) {
    const key = keyOf(item);
    seen.add(key);
    let part = parts.get(key);
    if (!part) {
      part = create(item);
      parts.set(key, part);
    }
    part.update(item);
    const expected = previous ? previous.nextSibling : container.firstChild;
    if (expected !== part.element) {
      container.insertBefore(part.element, expected);
    }
    previous = part.element;
  }
  for (const [key, part] of parts) {
    if (!seen.has(key)) {
      part.element.remove();
      parts.delete(key);
    }
  }
}

/** A message that goes by itself. */
export function toast(text, kind = "good") {
  const element = h("div", { class: `toast ${kind}` }, text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), kind === "bad" ? 9000 : 5000);
}

/** Asks before something is done; resolves to whether it may be. */
export function confirmed(question, detail, action) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "confirm-title" },
      h("h2", { id: "confirm-title" }, question),
      h("p", { class: "muted" }, detail),
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close("no") }, "Cancel"),
        h("button", { type: "button", class: "button primary", onclick: () => dialog.close("yes") }, action),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A section with a heading. */
export function card(title, props, ...children) {
  const { aside, ...rest } = props ?? {};
  return h(
    "section",
    { ...rest, class: `card ${rest.class ?? ""}`, "aria-label": title },
    h("div", { class: "card-head" }, h("h2", {}, title), aside),
    ...children,
  );
}

/** A frame in which what is too wide can be scrolled, by keys too. */
export function scroller(label, props, ...children) {
  return h("div", { ...props, class: `scroll ${props?.class ?? ""}`, role: "region", "aria-label": label, tabindex: "0" }, ...children);
}

/** What stands where there is nothing to show, and what to do about it. */
export function empty(title, text, ...more) {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), h("p", { class: "muted" }, text), ...more);
}

/** What stands where something is being fetched. */
export function loading(what) {
  return h("div", { class: "loading", role: "status" }, h("span", { class: "spinner", "aria-hidden": "true" }), `Loading ${what} …`);
}

/** A button that copies what `text` gives. */
export function copyButton(text, label = "Copy") {
  const button = h(
    "button",
    {
      type: "button",
      class: "button small",
      onclick: async () => {
        await copy(text());
        button.textContent = "Copied";
        setTimeout(() => (button.textContent = label), 1500);
      },
    },
    label,
  );
  return button;
}

async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Outside of a secure context there is no clipboard but this one.
  const area = h("textarea", { class: "hidden-copy", value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
