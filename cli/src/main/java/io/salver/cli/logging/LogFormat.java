package io.salver.cli.logging;

/** How a line of the log looks. */
public enum LogFormat {
  /** A line for people: time, level, the logger's short name, message; an exception below it. */
  TEXT,
  /** A line of JSON for each message. */
  JSON
}
