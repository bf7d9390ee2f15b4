package io.salver.server.tfserving;

import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.server.json.JsonTensorWriter;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.util.List;

/** Writes answers of {@code :predict}. Stateless. */
final class PredictJsonWriter {
  private static final int NONE = -1;

  private PredictJsonWriter() {}

  /**
   * Appends the wanted outputs: {@code {"predictions": ...}} or {@code {"outputs": ...}}. Their
   * names are left out if there is only one.
   *
   * @throws ServingException if an output cannot be written so; {@code out} then holds a part
   */
  static void write(PredictRequest answered, boolean rowFormat, JsonWriter out) {
    int first = nextWanted(answered, NONE);
    if (first == NONE) {
      throw ServingException.invalid("Cannot convert empty tensor map to JSON");
    }
    boolean named = nextWanted(answered, first) != NONE;
    if (rowFormat) {
      long rows = rows(answered);
      out.raw("{\"predictions\": [");
      if (named) {
        writeObjects(answered, rows, out);
      } else {
        writeRows(answered, first, rows, out);
      }
      out.raw("]}");
    } else {
      out.raw("{\"outputs\": ");
      writeColumns(answered, named, out);
      out.raw('}');
    }
  }

  private static int nextWanted(PredictRequest answered, int after) {
    int count = answered.signature().outputs().size();
    for (int i = after + 1; i < count; i++) {
      if (answered.wants(i)) {
        return i;
      }
    }
    return NONE;
  }

  /** The size of dimension 0, which all outputs have to have, and of the same size. */
  private static long rows(PredictRequest answered) {
    List<TensorSpec> specs = answered.signature().outputs();
    long rows = NONE;
    for (int i = nextWanted(answered, NONE); i != NONE; i = nextWanted(answered, i)) {
      Tensor output = answered.output(i);
      if (output.shape().rank() == 0) {
        throw ServingException.invalid(
            "Tensor name: " + specs.get(i).name() + " has no shape information ");
      }
      long size = output.shape().dim(0);
      if (rows != NONE && size != rows) {
        throw ServingException.invalid(
            "Tensor name: "
                + specs.get(i).name()
                + " has inconsistent batch size: "
                + size
                + " expecting: "
                + rows);
      }
      rows = size;
    }
    return rows;
  }

  private static void writeRows(PredictRequest answered, int i, long rows, JsonWriter out) {
    Tensor output = answered.output(i);
    boolean asBase64 = isBytes(answered.signature().outputs().get(i), output);
    if (output.shape().rank() == 1) {
      JsonTensorWriter.writeElements(output, 0, rows, asBase64, out);
      return;
    }
    long stride = JsonTensorWriter.stride(output, 0);
    for (long row = 0; row < rows; row++) {
      if (row > 0) {
        out.raw(',');
      }
      JsonTensorWriter.write(output, 1, row * stride, asBase64, out);
    }
  }

  private static void writeObjects(PredictRequest answered, long rows, JsonWriter out) {
    List<TensorSpec> specs = answered.signature().outputs();
    for (long row = 0; row < rows; row++) {
      out.raw(row == 0 ? "{" : ",{");
      boolean more = false;
      for (int i = nextWanted(answered, NONE); i != NONE; i = nextWanted(answered, i)) {
        Tensor output = answered.output(i);
        name(specs.get(i), more, out);
        JsonTensorWriter.write(
            output,
            1,
            row * JsonTensorWriter.stride(output, 0),
            isBytes(specs.get(i), output),
            out);
        more = true;
      }
      out.raw('}');
    }
  }

  private static void writeColumns(PredictRequest answered, boolean named, JsonWriter out) {
    List<TensorSpec> specs = answered.signature().outputs();
    boolean more = false;
    if (named) {
      out.raw('{');
    }
    for (int i = nextWanted(answered, NONE); i != NONE; i = nextWanted(answered, i)) {
      Tensor output = answered.output(i);
      if (named) {
        name(specs.get(i), more, out);
      }
      JsonTensorWriter.write(output, 0, 0, isBytes(specs.get(i), output), out);
      more = true;
    }
    if (named) {
      out.raw('}');
    }
  }

  private static void name(TensorSpec spec, boolean more, JsonWriter out) {
    if (more) {
      out.raw(',');
    }
    out.string(spec.name()).raw(": ");
  }

  /** A string output whose name ends so holds bytes, not text. */
  private static boolean isBytes(TensorSpec spec, Tensor output) {
    return output.dtype() == DType.STRING && spec.name().endsWith("_bytes");
  }
}
