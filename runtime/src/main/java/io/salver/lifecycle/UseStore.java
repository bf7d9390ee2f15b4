package io.salver.lifecycle;

import java.io.IOException;
import java.util.Map;

/** Remembers over restarts how often models were used. Called by one thread at a time. */
public interface UseStore {
  /** Remembers nothing. */
  UseStore NONE =
      new UseStore() {
        @Override
        public Map<String, Double> read() {
          return Map.of();
        }

        @Override
        public void write(Map<String, Double> uses) {}
      };

  /**
   * What was written last; empty if nothing was.
   *
   * @throws IOException if it cannot be read, or is not what {@link #write} writes
   */
  Map<String, Double> read() throws IOException;

  /**
   * Replaces what is remembered, wholly or not at all.
   *
   * @param uses by model; more than 0
   */
  void write(Map<String, Double> uses) throws IOException;
}
