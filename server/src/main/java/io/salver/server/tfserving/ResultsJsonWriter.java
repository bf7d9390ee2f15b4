package io.salver.server.tfserving;

import io.salver.server.json.JsonTensorWriter;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes answers of {@code :classify} and {@code :regress}, and errors. Stateless. */
final class ResultsJsonWriter {
  private ResultsJsonWriter() {}

  /**
   * Appends {@code {"results": [[["label", score], ...], ...]}}.
   *
   * @param classes STRING [n, k]; null for empty labels
   * @param scores FLOAT32 [n, k]; null for scores of 0; one of the two is not null
   */
  static void writeClassifications(
      @Nullable Tensor classes, @Nullable Tensor scores, JsonWriter out) {
    Shape shape = Objects.requireNonNull(classes != null ? classes : scores).shape();
    long perRow = shape.dim(1);
    out.raw("{\"results\": [");
    for (long row = 0; row < shape.dim(0); row++) {
      out.raw(row == 0 ? "[" : ",[");
      for (long i = row * perRow; i < (row + 1) * perRow; i++) {
        out.raw(i == row * perRow ? "[" : ",[");
        if (classes == null) {
          out.raw("\"\"");
        } else {
          out.string(classes.getString(i));
        }
        out.raw(',').value(scores == null ? 0f : scores.getFloat(i)).raw(']');
      }
      out.raw(']');
    }
    out.raw("]}");
  }

  /**
   * Appends {@code {"results": [v, ...]}}.
   *
   * @param values FLOAT32 [n] or [n, 1]
   */
  static void writeRegressions(Tensor values, JsonWriter out) {
    out.raw("{\"results\": [");
    JsonTensorWriter.writeElements(values, 0, values.elementCount(), false, out);
    out.raw("]}");
  }

  /** Appends {@code {"error": message}}, laid out as TensorFlow Serving does. */
  static void writeError(String message, JsonWriter out) {
    out.raw("{\n    \"error\": ").string(message).raw("\n}");
  }
}
