package io.salver.server.tfserving;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.json.JsonWriter;

/** Writes answers of {@code :predict}. Stateless. */
final class PredictJsonWriter {
  private PredictJsonWriter() {}

  /**
   * Appends the wanted outputs: {@code {"predictions": ...}} or {@code {"outputs": ...}}.
   *
   * @throws ServingException if an output cannot be written so; {@code out} then holds a part
   */
  static void write(PredictRequest answered, boolean rowFormat, JsonWriter out) {
    throw ServingException.invalid("");
  }
}
