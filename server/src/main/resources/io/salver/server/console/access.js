// The key that the server asks for, and what is shown where one is missing.

import { apiKey, setApiKey } from "./api.js";
import { empty, h } from "./dom.js";
import { live } from "./live.js";
import { show } from "./router.js";

/** Asks for an API key, and uses it from then on. */
export function askForKey() {
  const input = h("input", {
    id: "key-input",
    type: "password",
    autocomplete: "off",
    spellcheck: "false",
    value: apiKey(),
    "aria-describedby": "key-help",
  });
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "key-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "key-title" }, "API key"),
      h("label", { for: "key-input" }, "Key or token"),
      input,
      h(
        "p",
        { id: "key-help", class: "muted" },
        "Sent with every request as “Authorization: Bearer”. Kept in this tab until it is closed. Leave it empty to send none.",
      ),
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", class: "button", onclick: () => dialog.close("cancel") }, "Cancel"),
        h("button", { type: "submit", value: "use", class: "button primary" }, "Use it"),
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "use") {
      setApiKey(input.value.trim());
      live.connect();
      show();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** A button that opens the dialog. */
export function keyButton(label = "Enter an API key") {
  return h("button", { type: "button", class: "button", onclick: askForKey }, label);
}

/**
 * What to show where a request failed.
 *
 * @param error an ApiError
 * @param what what was asked for, as "The activity log"
 * @param absent what to say where the server does not have it
 */
export function failure(error, what, absent) {
  if (error.isDenied) {
    const text = apiKey()
      ? `The server did not accept the key for this: ${error.message}`
      : `${what} needs a key with the right role.`;
    return empty("No access", text, keyButton(apiKey() ? "Enter another key" : "Enter an API key"));
  }
  if (error.isMissing) {
    return empty(`${what} is not available`, absent);
  }
  return empty(
    `${what} could not be read`,
    error.message,
    h("button", { type: "button", class: "button", onclick: () => show() }, "Try again"),
  );
}
