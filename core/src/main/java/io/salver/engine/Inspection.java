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
   * The files are of the engine's format, and will not be served as they are, however long one
   * waits.
   *
   * @param reason why not, naming the file, and what can be done
   */
  record Refused(String reason) implements Inspection {}

  /**
   * The files look whole.
   *
   * @param memoryBoundBytes an upper bound of the memory that loading them will take
   */
  record Ready(long memoryBoundBytes) implements Inspection {}
}
