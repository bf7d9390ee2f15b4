package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonTensorReader;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the inputs of a signature from the value of "instances" or of "inputs", in one pass, each
 * into its own tensor. Not thread-safe.
 */
final class InputsJsonReader {
  private static final int UNKNOWN = -1;

  private final JsonReader reader;
  private final List<JsonTensorReader> columns = new ArrayList<>();
  private @Nullable Signature signature;
  private List<TensorSpec> specs = List.of();
  private byte[][] names = {};
  private boolean[] seen = {};
  private int seenCount;

  InputsJsonReader(JsonReader reader) {
    this.reader = reader;
  }

  /** Starts on a request for {@code wanted}. */
  void begin(Signature wanted, TensorArena arena) {
    if (wanted != signature) {
      signature = wanted;
      specs = wanted.inputs();
      names = new byte[specs.size()][];
      seen = new boolean[specs.size()];
      for (int i = 0; i < names.length; i++) {
        names[i] = specs.get(i).name().getBytes(StandardCharsets.UTF_8);
        if (i == columns.size()) {
          columns.add(new JsonTensorReader(reader));
        }
      }
    }
    for (int i = 0; i < names.length; i++) {
      columns.get(i).begin(specs.get(i).dtype(), arena);
    }
  }

  /** Reads {@code [row, ...]}, not empty, every row a value or every row an object of values. */
  @Nullable Tensor[] readInstances() {
    if (names.length == 0) {
      throw ServingException.invalid(
          "Failed to get input map for signature: " + Objects.requireNonNull(signature).name());
    }
    if (!reader.firstElement()) {
      throw ServingException.invalid("No values in 'instances' array");
    }
    int start = reader.position();
    boolean objects = reader.peek() == '{' && !isBase64();
    reader.moveTo(start);
    if (objects) {
      return readObjects();
    }
    if (names.length > 1) {
      throw ServingException.invalid(
          "instances is a plain list, but expecting list of objects as multiple input tensors"
              + " required as per tensorinfo_map");
    }
    return readPlainRows();
  }

  private boolean isBase64() {
    return reader.tryReadBase64();
  }

  private Tensor[] readPlainRows() {
    JsonTensorReader column = columns.get(0);
    do {
      boolean object = reader.peek() == '{';
      try {
        if (!object) {
          column.readRow();
        } else if (column.tryReadBase64Row()) {
          object = false;
        }
      } catch (ServingException e) {
        throw failed(e, column.rows(), null);
      }
      if (object) {
        throw ServingException.invalid(
            "Expecting value/list but got object at item " + column.rows() + " of input list");
      }
    } while (reader.nextElement());
    return new Tensor[] {column.finishRows()};
  }

  /** Says which row it was, and of what input. */
  private static ServingException failed(ServingException cause, long row, @Nullable String input) {
    return new ServingException(
        cause.category(),
        "Failed to process element: "
            + row
            + (input == null ? "" : " key: " + input)
            + " of 'instances' list. Error: "
            + cause.category()
            + ": "
            + cause.getMessage());
  }

  private @Nullable Tensor[] readObjects() {
    long row = 0;
    do {
      int start = reader.position();
      if (reader.peek() != '{' || isBase64()) {
        throw ServingException.invalid(
            "Expecting object but got list at item " + row + " of input list");
      }
      readObject(row);
      if (seenCount < names.length) {
        checkKeys(row, start);
      }
      row++;
    } while (reader.nextElement());
    return finishObjects(row);
  }

  private void readObject(long row) {
    Arrays.fill(seen, false);
    seenCount = 0;
    int last = UNKNOWN;
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      int i = indexOfKey(last + 1);
      if (i == UNKNOWN) {
        String name = reader.string();
        throw failed(
            ServingException.invalid("JSON object: does not have named input: " + name), row, name);
      }
      last = i;
      if (!isFirst(i)) {
        reader.skipValue();
        continue;
      }
      try {
        columns.get(i).readRow();
      } catch (ServingException e) {
        throw failed(e, row, specs.get(i).name());
      }
    }
  }

  /** The input that the last name means; the one at {@code guess} is tried first. */
  private int indexOfKey(int guess) {
    if (guess < names.length && reader.keyIs(names[guess])) {
      return guess;
    }
    for (int i = 0; i < names.length; i++) {
      if (reader.keyIs(names[i])) {
        return i;
      }
    }
    return UNKNOWN;
  }

  /** Notes that input {@code i} was named; false if it was before, as only the first one counts. */
  private boolean isFirst(int i) {
    if (seen[i]) {
      return false;
    }
    seen[i] = true;
    seenCount++;
    return true;
  }

  /** Inputs may be left out if they are optional, and left out of every row. */
  private void checkKeys(long row, int start) {
    for (int i = 0; i < names.length; i++) {
      boolean mayBeAbsent = specs.get(i).optional() && columns.get(i).rows() == 0;
      if (!seen[i] && !mayBeAbsent) {
        throw keysError(row, start);
      }
    }
  }

  private ServingException keysError(long row, int start) {
    String[] sorted = specs.stream().map(TensorSpec::name).sorted().toArray(String[]::new);
    return ServingException.invalid(
        "Failed to process element: "
            + row
            + " of 'instances' list. JSON object: "
            + reader.debug(start)
            + " keys must be equal to: "
            + String.join(",", sorted));
  }

  private @Nullable Tensor[] finishObjects(long rows) {
    @Nullable Tensor[] tensors = new Tensor[names.length];
    for (int i = 0; i < names.length; i++) {
      long read = columns.get(i).rows();
      if (read != 0 && read != rows) {
        throw ServingException.invalid(
            "Named input: "
                + specs.get(i).name()
                + " is in "
                + read
                + " of "
                + rows
                + " elements of 'instances' list (expected: in all or in none)");
      }
      tensors[i] = read == 0 ? null : columns.get(i).finishRows();
    }
    return tensors;
  }

  /** Reads the value of the only input, or an object of the values of all. */
  @Nullable Tensor[] readInputs() {
    int start = reader.position();
    boolean object = reader.peek() == '{' && !isBase64();
    reader.moveTo(start);
    if (object) {
      return readNamedInputs();
    }
    if (names.length != 1) {
      throw ServingException.invalid(
          "inputs is a plain value/list, but expecting an object as multiple input tensors"
              + " required as per tensorinfo_map");
    }
    columns.get(0).readValue();
    return new Tensor[] {columns.get(0).finish()};
  }

  private @Nullable Tensor[] readNamedInputs() {
    Arrays.fill(seen, false);
    seenCount = 0;
    @Nullable Tensor[] tensors = new Tensor[names.length];
    int last = UNKNOWN;
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      int i = indexOfKey(last + 1);
      if (i == UNKNOWN || !isFirst(i)) {
        reader.skipValue();
        continue;
      }
      last = i;
      columns.get(i).readValue();
      tensors[i] = columns.get(i).finish();
    }
    for (int i = 0; i < names.length; i++) {
      if (!seen[i] && !specs.get(i).optional()) {
        throw ServingException.invalid(
            "Missing named input: " + specs.get(i).name() + " in 'inputs' object.");
      }
    }
    return tensors;
  }
}
