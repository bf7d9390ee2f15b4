package io.salver.engine;

import org.jspecify.annotations.Nullable;

/** A version could not be loaded. The message names the file and the reason, for an operator. */
public final class ModelLoadException extends Exception {
  public ModelLoadException(String message) {
    super(message);
  }

  public ModelLoadException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
