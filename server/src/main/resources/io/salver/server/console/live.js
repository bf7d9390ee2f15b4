// The server's state, once a second, and what it was in the last minutes.

import { authorization } from "./api.js";

const KEPT = 181;
const SILENCE_MS = 6000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Tells "state" for each event and "status" when the connection changes. Status is one of
 * "connecting", "live", "gone" and "denied".
 */
class Live extends EventTarget {
  state = null;
  status = "connecting";
  retryAt = 0;
  #history = new Map();
  #failures = 0;
  #timer = 0;
  #controller = null;

  /** Connects, and again whenever the connection ends. */
  async connect() {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    try {
      await this.#listen(controller);
    } catch {
      // Whatever the reason, the answer is to try again.
    }
    if (this.#controller === controller && this.status !== "denied") {
      this.#retry();
    }
  }

  async #listen(controller) {
    const watch = watchdog(() => controller.abort());
    try {
      const response = await fetch("/v1/events", { headers: authorization(), signal: controller.signal });
      if (response.status === 401 || response.status === 403) {
        this.#become("denied");
        return;
      }
      if (!response.ok) {
        throw new Error(`status ${response.status}`);
      }
      const decoder = new TextDecoder();
      let text = "";
      for (let reader = response.body.getReader(); ; ) {
        const { value, done } = await reader.read();
        if (done) {
          return;
        }
        watch.restart();
        text += decoder.decode(value, { stream: true });
        let end;
        while ((end = text.indexOf("\n\n")) >= 0) {
          this.#take(text.slice(0, end));
          text = text.slice(end + 2);
        }
      }
    } finally {
      watch.stop();
    }
  }

  #take(event) {
    const data = event
      .split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => line.slice(6))
      .join("\n");
    if (!data) {
      return;
    }
    this.state = JSON.parse(data);
    this.#remember(this.state);
    this.#failures = 0;
    this.#become("live");
    this.dispatchEvent(new Event("state"));
  }

  #remember(state) {
    const live = new Set();
    for (const model of state.models) {
      for (const version of model.versions) {
        if (version.requests !== undefined) {
          const key = `${model.name}/${version.version}`;
          live.add(key);
          const points = this.#history.get(key) ?? [];
          this.#history.set(key, points);
          points.push({ t: state.time, ...version });
          if (points.length > KEPT) {
            points.shift();
          }
        }
      }
    }
    for (const key of this.#history.keys()) {
      if (!live.has(key)) {
        this.#history.delete(key);
      }
    }
  }

  /** What was told of a version, oldest first: its fields and the time "t". */
  history(model, version) {
    return this.#history.get(`${model}/${version}`) ?? [];
  }

  /** What is told of a model now, or undefined. */
  model(name) {
    return this.state?.models.find((model) => model.name === name);
  }

  #retry() {
    const pause = Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** this.#failures) * (0.8 + 0.4 * Math.random());
    this.#failures++;
    this.retryAt = Date.now() + pause;
    this.#timer = setTimeout(() => this.connect(), pause);
    this.#become("gone");
  }

  #become(status) {
    if (this.status !== status) {
      this.status = status;
      this.dispatchEvent(new Event("status"));
    }
  }
}

/** Calls `late` unless it is restarted often enough. */
function watchdog(late) {
  let timer = setTimeout(late, SILENCE_MS);
  return {
    restart() {
      clearTimeout(timer);
      timer = setTimeout(late, SILENCE_MS);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

export const live = new Live();

/** The sum of a field over versions; undefined where none has it. */
export function sum(versions, field) {
  const known = versions.map((version) => version[field]).filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => a + b, 0);
}

/** The largest of a field over versions; undefined where none has it. */
export function max(versions, field) {
  const known = versions.map((version) => version[field]).filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
