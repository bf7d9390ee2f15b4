package io.salver.lifecycle;

import io.salver.predict.ServingException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A version's state.
 *
 * @param error why its last load failed, or null
 * @param reason in words, what it waits for or why it failed; empty if there is nothing to say
 * @param since when the state was entered
 * @param engine the engine that loaded it; empty unless it is in memory
 * @param memoryBytes what is set aside for it; 0 unless it is in memory
 * @param lastUsed when it was last seen in use, or null if it was not since the server started
 */
public record VersionStatus(
    long version,
    VersionState state,
    @Nullable ServingException error,
    String reason,
    Instant since,
    String engine,
    long memoryBytes,
    @Nullable Instant lastUsed) {
  /** A version of whose use and memory nothing is known. */
  public VersionStatus(
      long version,
      VersionState state,
      @Nullable ServingException error,
      String reason,
      Instant since) {
    this(version, state, error, reason, since, "", 0, null);
  }
}
