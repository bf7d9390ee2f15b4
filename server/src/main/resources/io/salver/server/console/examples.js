// Values to begin with, and requests made of them.

/** How many elements of what is not known in advance an example has. */
const UNKNOWN = 4;

/** Above this many elements a value is kept as it is and not shown as text. */
export const SHOWN_ELEMENTS = 2048;

/** Numbers that make sense under usual names, so that a first answer does too. */
const USUAL = [
  [/hour/, 19],
  [/minute/, 30],
  [/day/, 3],
  [/month/, 6],
  [/year/, 2026],
  [/age/, 35],
  [/distance|_km|km_/, 2.4],
  [/load|ratio|share|rate|fraction/, 0.7],
  [/price|amount|cost|income/, 20],
  [/count|number|num_|orders|quantity/, 5],
];

/** Whether each input begins with a dimension for rows, so that a request may be a list of rows. */
export function takesRows(signature) {
  return signature.inputs.length > 0 && signature.inputs.every((input) => input.shape?.length > 0 && input.shape[0] < 0);
}

/** The shape of the value to be entered: of one row, or of the whole input. */
export function valueShape(input, rows) {
  const shape = input.shape === null ? [] : rows ? input.shape.slice(1) : input.shape;
  return shape.map((dim, i) => (dim >= 0 ? dim : !rows && i === 0 ? 1 : UNKNOWN));
}

/** How many elements a shape has. */
export function size(shape) {
  return shape.reduce((a, b) => a * b, 1);
}

/** A value of this type and shape. */
export function example(input, shape) {
  const usual = USUAL.find(([pattern]) => pattern.test(input.name.toLowerCase()));
  const whole = !/FLOAT|DOUBLE|HALF|BFLOAT/.test(input.dtype);
  let at = 0;
  const element = () => {
    const i = at++;
    if (input.dtype === "STRING") {
      return "text";
    }
    if (input.dtype === "BOOL") {
      return i % 2 === 0;
    }
    if (shape.length === 0 && usual) {
      return whole ? Math.round(usual[1]) : usual[1];
    }
    return whole ? 1 + (i % 9) : shape.length === 0 ? 1 : ((i % 10) + 1) / 10;
  };
  return nest(shape, element);
}

/** Nested lists of this shape, filled in order. */
export function nest(shape, element) {
  if (shape.length === 0) {
    return element();
  }
  const [length, ...rest] = shape;
  return Array.from({ length }, () => nest(rest, element));
}

/**
 * What an input wants that has the shape of a picture; null if it does not.
 *
 * @returns {height, width, channels, first}, where first says that channels come first
 */
export function picture(input, shape) {
  if (shape.length !== 3 || !/FLOAT|DOUBLE|HALF|INT/.test(input.dtype)) {
    return null;
  }
  const [a, b, c] = shape;
  if ((c === 1 || c === 3) && a >= 8 && b >= 8) {
    return { height: a, width: b, channels: c, first: false };
  }
  return (a === 1 || a === 3) && b >= 8 && c >= 8 ? { height: b, width: c, channels: a, first: true } : null;
}

/** Whether a string is rather a file's bytes. */
export function wantsFile(input) {
  return input.dtype === "STRING" && /image|img|jpe?g|png|picture|photo|bytes|audio|file|b64/i.test(input.name);
}

/** The body of a predict request. */
export function requestBody(signature, rows, values) {
  const named = signature.name === "serving_default" ? {} : { signature_name: signature.name };
  if (!rows) {
    return { ...named, inputs: values };
  }
  const single = signature.inputs.length === 1 && Object.values(values)[0];
  const isBytes = single && typeof single === "object" && "b64" in single;
  return { ...named, instances: [isBytes ? single : values] };
}

/** The pixels of an image as a model takes them, from 0 to 255 before `scale`. */
export function pixels(image, { height, width, channels, first }, scale) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const at = (row, column, channel) => {
    const i = 4 * (row * width + column);
    const value = channels === 1 ? 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2] : data[i + channel];
    return scale(value);
  };
  const range = (count, element) => Array.from({ length: count }, (_, i) => element(i));
  return first
    ? range(channels, (channel) => range(height, (row) => range(width, (column) => at(row, column, channel))))
    : range(height, (row) => range(width, (column) => range(channels, (channel) => at(row, column, channel))));
}
