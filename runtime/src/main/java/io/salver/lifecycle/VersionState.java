package io.salver.lifecycle;

/** Where a version is in its life. */
public enum VersionState {
  /** Wanted, and not in memory: loaded when its model is asked for, by a request or an operator. */
  NOT_LOADED,
  /** Wanted, and waiting for its turn, its files or its next try. */
  START,
  /** Being loaded or warmed up. */
  LOADING,
  /** Answering. */
  AVAILABLE,
  /** No longer given to new requests; unloaded when the last one is answered. */
  UNLOADING,
  /** Gone, or failed for good. */
  END
}
