// Requests to the server, with the key that was entered.

const KEY = "salver.key";

/** The key that requests carry; kept for this tab only. */
export function apiKey() {
  return sessionStorage.getItem(KEY) ?? "";
}

/** Sets the key; an empty one is none. */
export function setApiKey(key) {
  if (key) {
    sessionStorage.setItem(KEY, key);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

/** The headers that say who asks. */
export function authorization() {
  return apiKey() ? { authorization: `Bearer ${apiKey()}` } : {};
}

/** An answer that is not what was asked for. Status 0: there was no answer. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the server does not have this route or thing; TensorFlow Serving's API says it with 400. */
  get isMissing() {
    return this.status === 404 || (this.status === 400 && this.message.startsWith("Malformed request"));
  }

  /** Whether a key, or another one, is needed. */
  get isDenied() {
    return this.status === 401 || this.status === 403;
  }
}

/** Sends a request; resolves to {response, text} whatever the status is. */
export async function exchange(method, path, body) {
  const headers = authorization();
  if (body !== undefined) {
    headers["content-type"] = "application/json";
  }
  try {
    const response = await fetch(path, { method, headers, body });
    return { response, text: await response.text() };
  } catch {
    throw new ApiError(0, "The server does not answer.");
  }
}

async function json(method, path, body) {
  const { response, text } = await exchange(method, path, body === undefined ? undefined : JSON.stringify(body));
  if (!response.ok) {
    throw new ApiError(response.status, problem(response, text));
  }
  return text.trim() ? JSON.parse(text) : {};
}

/** What an answer says went wrong. */
export function problem(response, text) {
  try {
    const parsed = JSON.parse(text);
    return String(parsed.error ?? text);
  } catch {
    return text.trim() || `${response.status} ${response.statusText}`;
  }
}

export const get = (path) => json("GET", path);
export const post = (path, body = {}) => json("POST", path, body);
export const put = (path, body) => json("PUT", path, body);
export const remove = (path) => json("DELETE", path);

/** A part of a path. */
export const part = encodeURIComponent;
