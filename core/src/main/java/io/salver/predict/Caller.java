package io.salver.predict;

import org.jspecify.annotations.Nullable;

/** What a caller says beside its tensors: an HTTP request's headers, or gRPC's metadata. */
@FunctionalInterface
public interface Caller {
  /** Says nothing. */
  Caller SILENT = _ -> null;

  /** The first value of a header, or null. */
  @Nullable String header(String lowerCaseName);
}
