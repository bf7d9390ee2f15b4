package io.salver.engine;

/** What an engine says of a version's files before it loads them. */
public sealed interface Inspection {
  /** The files are not of the engine's format. */
  record NotMine() implements Inspection {}

  /**
   * The files are of the engine's format, but some are missing or cut short: they may still be on
   * their way.
   *
   * @param reason what is missing, naming the file
   */
  record Incomplete(String reason) implements Inspection {}

  /**
   * The files are of the engine's format, as whole as they will ever be, and cannot be served here.
   *
   * @param reason why, naming the file, and what would help
   */
  record Unservable(String reason) implements Inspection {}

  /**
   * The files look whole.
   *
   * @param memoryBoundBytes an upper bound of the memory that loading them will take
   */
  record Ready(long memoryBoundBytes) implements Inspection {}
}
