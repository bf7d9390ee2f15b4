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
 */
public record VersionStatus(
    long version,
    VersionState state,
    @Nullable ServingException error,
    String reason,
    Instant since) {}
