package io.salver.source;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file of a version, as its store describes it.
 *
 * @param path below the version, as {@link StoredPaths} allows it
 * @param sizeBytes below 0 if the store has not said
 * @param tag the store's strong name for this content; null if it has not said
 * @param digest empty if there is none, or the store has not said
 */
record StoredFile(String path, long sizeBytes, @Nullable String tag, Optional<Digest> digest) {}
