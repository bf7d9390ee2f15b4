// Changing models: versions, labels, what is loaded and what stays.

import { askForKey } from "./access.js";
import { get, part, post, put } from "./api.js";
import { confirmed, h, toast } from "./dom.js";

const PATH = "/v1/control/models";

/** What the control plane says of a model; null where this server has none, or keeps it to itself. */
export async function controlled(model) {
  try {
    return await get(`${PATH}/${part(model)}`);
  } catch {
    return null;
  }
}

/** Does something, and says what came of it; resolves to whether it was done. */
export async function attempt(what, action) {
  try {
    await action();
    toast(`${what}: done`);
    return true;
  } catch (error) {
    toast(`${what}: ${error.message}`, "bad");
    if (error.isDenied) {
      askForKey();
    }
    return false;
  }
}

/** Points a label at a version, leaving the other labels as they are now, whatever the page shows. */
export function setLabel(model, label, version) {
  const path = `${PATH}/${part(model)}`;
  return attempt(`Label ${label} of ${model} at version ${version}`, async () => {
    const { labels } = await get(path);
    return put(`${path}/labels`, { ...labels, [label]: version });
  });
}

/** Serves an earlier version in place of later ones, after asking. */
export async function rollback(model, version) {
  const sure = await confirmed(
    `Roll ${model} back to version ${version}?`,
    `Version ${version} is loaded if need be, and then answers in place of the later ones.`,
    "Roll back",
  );
  return sure && attempt(`Roll-back of ${model} to version ${version}`, () => post(`${PATH}/${part(model)}:rollback`, { version }));
}

/** Loads, unloads, pins or unpins a model. */
export async function change(model, verb) {
  if (verb === "unload") {
    const sure = await confirmed(`Unload ${model}?`, "Requests to it fail until it is loaded again.", "Unload");
    if (!sure) {
      return false;
    }
  }
  return attempt(`${verb[0].toUpperCase()}${verb.slice(1)} ${model}`, () => post(`${PATH}/${part(model)}:${verb}`));
}

/** Asks for a label's name, and points it at a version. */
export function askForLabel(model, labels, version, done) {
  const known = ["stable", "canary", ...Object.keys(labels)].filter((name, i, all) => all.indexOf(name) === i);
  const input = h("input", { id: "label-input", required: true, list: "label-names", value: "stable", spellcheck: "false" });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "label-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "label-title" }, `Label version ${version}`),
      h("label", { for: "label-input" }, "Label"),
      input,
      h("datalist", { id: "label-names" }, known.map((name) => h("option", { value: name }))),
      h("p", { class: "muted" }, "Clients that ask for this label get this version from then on."),
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close("cancel") }, "Cancel"),
        h("button", { type: "submit", value: "set", class: "button primary" }, "Set label"),
      ),
    ),
  );
  dialog.addEventListener("close", async () => {
    dialog.remove();
    if (dialog.returnValue === "set" && input.value.trim() && (await setLabel(model, input.value.trim(), version))) {
      done();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  input.select();
}
