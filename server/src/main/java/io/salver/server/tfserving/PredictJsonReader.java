package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorArena;
import java.util.function.Function;

/**
 * Reads bodies of {@code :predict}. One for each event loop, used again and again; not thread-safe.
 */
final class PredictJsonReader {
  /**
   * Reads a body.
   *
   * @param body holds it from index 0 to {@code length}
   * @param signatures finds a signature by its name, and throws its own {@link ServingException}
   *     for a name that it does not know; asked for {@link Signature#DEFAULT_NAME} when the body
   *     names none, and perhaps when it names one late
   * @param arena where the tensors are put
   * @throws ServingException if the body is wrong
   */
  PredictBody read(
      byte[] body, int length, Function<String, Signature> signatures, TensorArena arena) {
    throw ServingException.invalid("");
  }
}
