package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.tensor.TensorArena;

/**
 * Reads bodies of {@code :classify} and {@code :regress}. One for each event loop, used again and
 * again; not thread-safe.
 */
final class ExamplesJsonReader {
  /**
   * Reads a body.
   *
   * @param body holds it from index 0 to {@code length}
   * @param arena where the tensor is put
   * @throws ServingException if the body is wrong
   */
  ExamplesBody read(byte[] body, int length, TensorArena arena) {
    throw ServingException.invalid("");
  }
}
