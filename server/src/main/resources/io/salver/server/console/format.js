// Numbers as people read them.

const NONE = "–";

function digits(value, count) {
  return value.toLocaleString("en", { maximumSignificantDigits: count });
}

/** A duration in milliseconds. */
export function ms(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  if (value >= 1000) {
    return `${digits(value / 1000, 3)} s`;
  }
  return value >= 0.1 ? `${digits(value, 3)} ms` : `${digits(value * 1000, 2)} µs`;
}

/** Something per second. */
export function rate(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  return value >= 10_000 ? `${digits(value / 1000, 3)}k` : digits(value, value < 100 ? 2 : 4);
}

/** A whole number. */
export function count(value) {
  return value === null || value === undefined ? NONE : Math.round(value).toLocaleString("en");
}

/** A size. */
export function bytes(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  let size = value;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${digits(size, 3)} ${units[unit]}`;
}

/** A share, from 0 to 1. */
export function percent(value) {
  return value === null || value === undefined || Number.isNaN(value) ? NONE : `${digits(value * 100, 3)} %`;
}

/** Any number. */
export function number(value) {
  if (value === null || value === undefined) {
    return NONE;
  }
  const small = value !== 0 && Math.abs(value) < 1e-4;
  return small || Math.abs(value) >= 1e15 ? value.toExponential(2) : digits(value, 6);
}

/** How long ago a time was. */
export function ago(time, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - new Date(time).getTime()) / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)} min`;
  }
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** A time of day, with the date where it is not today's. */
export function time(value) {
  const date = new Date(value);
  const clock = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toISOString().slice(0, 10)} ${clock}`;
}
