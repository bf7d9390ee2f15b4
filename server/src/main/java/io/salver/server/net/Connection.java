package io.salver.server.net;

/** A connection as its loop sees it. Confined to the loop. */
public interface Connection {
  /**
   * How long a connection without a request stays open when it drains: a request may be on its way,
   * and is answered if it arrives within this time.
   */
  long DRAIN_GRACE_MS = 250;

  /**
   * Takes no new request, lets those that were accepted be answered, then closes. Called once at
   * most.
   */
  void drain();

  /** Closes at once, whatever is open. */
  void abort();

  /** How many requests were accepted and not yet answered. */
  int unanswered();
}
