// The fields of a form for a model's inputs. Each has an element and value(), which throws an Error
// that says what is wrong with what was entered.

import { h } from "./dom.js";
import { example, nest, picture, pixels, SHOWN_ELEMENTS, size, valueShape, wantsFile } from "./examples.js";
import { shapeText } from "./signature.js";

const SCALES = {
  unit: ["0 to 1", (value) => Math.round((value / 255) * 10_000) / 10_000],
  signed: ["−1 to 1", (value) => Math.round((value / 127.5 - 1) * 10_000) / 10_000],
  bytes: ["0 to 255", (value) => Math.round(value)],
};

/** A field for an input. */
export function field(input, rows, changed) {
  const shape = valueShape(input, rows);
  const id = `input-${input.name.replace(/\W/g, "-")}`;
  const image = picture(input, shape);
  if (image) {
    return imageField(input, shape, image, id, changed);
  }
  if (input.dtype === "STRING" && shape.length === 0) {
    return stringField(input, id, changed);
  }
  if (shape.length === 0) {
    return input.dtype === "BOOL" ? boolField(input, id, changed) : numberField(input, id, changed);
  }
  return listField(input, shape, id, changed);
}

function frame(input, shape, id, ...content) {
  return h(
    "div",
    { class: "field" },
    h(
      "div",
      { class: "field-head" },
      h("label", { for: id }, input.name),
      h("span", { class: "muted mono" }, `${input.dtype.toLowerCase()} ${shape.length ? shapeText(shape) : ""}`),
    ),
    ...content,
  );
}

function numberField(input, id, changed) {
  const entry = h("input", { id, type: "text", inputmode: "decimal", class: "mono", value: String(example(input, [])), oninput: changed });
  return {
    element: frame(input, [], id, entry),
    value() {
      const text = entry.value.trim();
      const value = Number(text);
      if (text === "" || Number.isNaN(value)) {
        throw new Error(`${input.name}: “${text}” (expected: a number)`);
      }
      return value;
    },
  };
}

function boolField(input, id, changed) {
  const entry = h("input", { id, type: "checkbox", checked: true, onchange: changed });
  return { element: frame(input, [], id, entry), value: () => entry.checked };
}

function listField(input, shape, id, changed) {
  const count = size(shape);
  if (count > SHOWN_ELEMENTS) {
    return largeField(input, shape, id, changed);
  }
  const entry = h("textarea", {
    id,
    rows: String(Math.min(8, shape.length === 1 ? 2 : 2 + shape[0])),
    spellcheck: "false",
    oninput: changed,
    value: listText(example(input, shape)),
  });
  return {
    element: frame(input, shape, id, entry),
    value: () => parsed(entry.value, input.name),
  };
}

/** A list with each of its lists on a line. */
function listText(value) {
  return Array.isArray(value[0]) ? `[${value.map((row) => JSON.stringify(row)).join(",\n ")}]` : JSON.stringify(value).replaceAll(",", ", ");
}

function parsed(text, name) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name}: ${error.message} (expected: a list as JSON)`);
  }
}

function largeField(input, shape, id, changed) {
  const entry = h(
    "select",
    { id, onchange: changed },
    h("option", { value: "random" }, "Random numbers"),
    h("option", { value: "zeros" }, "Zeros"),
  );
  return {
    element: frame(input, shape, id, entry, h("p", { class: "muted" }, `${size(shape).toLocaleString("en")} elements; to enter your own, use the JSON view.`)),
    value() {
      const whole = !/FLOAT|DOUBLE|HALF/.test(input.dtype);
      const random = () => (whole ? Math.floor(Math.random() * 10) : Math.round(Math.random() * 1000) / 1000);
      return nest(shape, entry.value === "zeros" ? () => 0 : random);
    },
  };
}

function imageField(input, shape, wanted, id, changed) {
  let image = null;
  const scale = h(
    "select",
    { "aria-label": `Scale of ${input.name}`, onchange: changed },
    Object.entries(SCALES).map(([value, [label]]) => h("option", { value }, `Pixels from ${label}`)),
  );
  scale.value = /INT/.test(input.dtype) ? "bytes" : "unit";
  const zone = dropZone(id, `An image; it is scaled to ${wanted.width} × ${wanted.height}`, "image/*", async (file) => {
    image = await createImageBitmap(file);
    zone.preview(image, file);
    changed();
  });
  return {
    element: frame(input, shape, id, zone.element, scale),
    value() {
      const toScale = SCALES[scale.value][1];
      return image ? pixels(image, wanted, toScale) : nest(shape, () => toScale(127));
    },
  };
}

/** Text, or the bytes of a file. */
function stringField(input, id, changed) {
  const text = h("input", { id: `${id}-text`, type: "text", value: wantsFile(input) ? "" : "text", "aria-label": `${input.name} as text`, oninput: changed });
  let encoded = null;
  const taken = async (file) => {
    encoded = base64(new Uint8Array(await file.arrayBuffer()));
    text.value = "";
    try {
      zone.preview(await createImageBitmap(file), file);
    } catch {
      zone.preview(null, file);
    }
    changed();
  };
  const zone = dropZone(id, "A file; an image is shown", "", taken);
  text.addEventListener("input", () => {
    encoded = null;
    zone.clear();
  });
  const ordered = wantsFile(input) ? [zone.element, text] : [text, zone.element];
  text.placeholder = "or text";
  if (wantsFile(input)) {
    examplePicture().then((blob) => {
      if (encoded === null && text.value === "") {
        taken(new File([blob], "An example picture", { type: blob.type }));
      }
    });
  }
  return {
    element: frame(input, [], id, ...ordered),
    value: () => (encoded === null ? text.value : { b64: encoded }),
  };
}

/** A picture to begin with, as a JPEG file. */
function examplePicture() {
  const canvas = new OffscreenCanvas(128, 128);
  const context = canvas.getContext("2d");
  const sky = context.createLinearGradient(0, 0, 0, 128);
  sky.addColorStop(0, "#f3d9a4");
  sky.addColorStop(1, "#c8552f");
  context.fillStyle = sky;
  context.fillRect(0, 0, 128, 128);
  context.fillStyle = "#fff4dc";
  context.beginPath();
  context.arc(64, 64, 34, 0, 2 * Math.PI);
  context.fill();
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
}

/** A place to drop a file on, or to choose one. */
function dropZone(id, hint, accept, taken) {
  const input = h("input", { id, type: "file", class: "drop-input", accept });
  const shown = h("canvas", { class: "drop-preview", hidden: true, "aria-hidden": "true" });
  const name = h("span", {}, h("strong", {}, "Drop a file here"), " or choose one");
  const small = h("span", { class: "muted" }, hint);
  const element = h("div", { class: "drop" }, input, shown, h("span", { class: "drop-text" }, name, small));
  input.addEventListener("change", () => input.files[0] && taken(input.files[0]));
  for (const type of ["dragenter", "dragover"]) {
    element.addEventListener(type, (event) => {
      event.preventDefault();
      element.classList.add("over");
    });
  }
  element.addEventListener("dragleave", () => element.classList.remove("over"));
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    element.classList.remove("over");
    if (event.dataTransfer.files[0]) {
      taken(event.dataTransfer.files[0]);
    }
  });
  return {
    element,
    preview(image, file) {
      name.textContent = file.name;
      small.textContent = `${file.size.toLocaleString("en")} bytes${image ? `, ${image.width} × ${image.height}` : ""}`;
      shown.hidden = !image;
      if (image) {
        shown.height = 96;
        shown.width = Math.max(1, Math.round((96 * image.width) / image.height));
        shown.getContext("2d").drawImage(image, 0, 0, shown.width, shown.height);
      }
    },
    clear() {
      input.value = "";
      shown.hidden = true;
      name.textContent = "Drop a file here or choose one";
      small.textContent = hint;
    },
  };
}

function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(text);
}
