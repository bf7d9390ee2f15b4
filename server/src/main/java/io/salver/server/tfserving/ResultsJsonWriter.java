package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Writes answers of {@code :classify} and {@code :regress}. Stateless. */
final class ResultsJsonWriter {
  private ResultsJsonWriter() {}

  /**
   * Appends {@code {"results": [[["label", score], ...], ...]}}.
   *
   * @param classes STRING [n, k]; null for empty labels
   * @param scores FLOAT32 [n, k]; null for scores of 0
   */
  static void writeClassifications(
      @Nullable Tensor classes, @Nullable Tensor scores, JsonWriter out) {
    throw ServingException.invalid("");
  }

  /**
   * Appends {@code {"results": [v, ...]}}.
   *
   * @param values FLOAT32 [n] or [n, 1]
   */
  static void writeRegressions(Tensor values, JsonWriter out) {
    throw ServingException.invalid("");
  }

  /** Appends {@code {"error": message}}, laid out as TensorFlow Serving does. */
  static void writeError(String message, JsonWriter out) {
    throw ServingException.invalid("");
  }
}
