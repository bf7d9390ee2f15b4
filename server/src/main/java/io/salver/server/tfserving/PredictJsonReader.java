package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonReader;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies of {@code :predict}. One for each event loop, used again and again; not thread-safe.
 *
 * <p>The members of the body come in any order, and what is wrong first, by TensorFlow Serving's
 * order of checks, is what the caller is told. To know that, one would have to read the whole body
 * before its tensors. Instead a body is first read {@linkplain #readInOrder in the order in which
 * it comes}, in one pass, which answers nearly every body. One for which this does not do is read
 * {@linkplain #readThoroughly once more}, from an outline of it.
 */
final class PredictJsonReader {
  private static final byte[] SIGNATURE_NAME = ascii("signature_name");
  private static final byte[] INSTANCES = ascii("instances");
  private static final byte[] INPUTS = ascii("inputs");
  private static final int ABSENT = -1;

  private final JsonReader reader = new JsonReader();
  private final InputsJsonReader inputs = new InputsJsonReader(reader);

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

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
    if (length == 0) {
      throw ServingException.invalid("JSON Parse error: The document is empty");
    }
    try {
      PredictBody read = readOptimistically(body, length, signatures, arena);
      return read != null ? read : readThoroughly(body, length, signatures, arena);
    } catch (MemoryLimitException e) {
      throw ServingException.of(e);
    } finally {
      reader.release();
    }
  }

  private @Nullable PredictBody readOptimistically(
      byte[] body, int length, Function<String, Signature> signatures, TensorArena arena) {
    reader.reset(body, length);
    try {
      return reader.peek() == '{' ? readInOrder(signatures, arena) : null;
    } catch (ServingException e) {
      return null;
    }
  }

  /** The body if the signature's name, if any, comes first; null if it has to be read again. */
  private @Nullable PredictBody readInOrder(
      Function<String, Signature> signatures, TensorArena arena) {
    String name = null;
    PredictBody read = null;
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      boolean rowFormat = reader.keyIs(INSTANCES);
      if (rowFormat || reader.keyIs(INPUTS)) {
        if (read != null) {
          return null;
        }
        read = readTensors(signatures.apply(orDefault(name)), rowFormat, arena);
      } else if (reader.keyIs(SIGNATURE_NAME)) {
        if (name != null || read != null) {
          return null;
        }
        reader.readString();
        name = reader.string();
      } else {
        reader.skipValue();
      }
    }
    return read;
  }

  private static String orDefault(@Nullable String name) {
    return name == null || name.isEmpty() ? Signature.DEFAULT_NAME : name;
  }

  private PredictBody readTensors(Signature signature, boolean rowFormat, TensorArena arena) {
    inputs.begin(signature, arena);
    return new PredictBody(
        signature, rowFormat ? inputs.readInstances() : inputs.readInputs(), rowFormat);
  }

  /** Reads a body in TensorFlow Serving's order of checks: the grammar of the whole comes first. */
  private PredictBody readThoroughly(
      byte[] body, int length, Function<String, Signature> signatures, TensorArena arena) {
    reader.reset(body, length);
    int start = BodyErrors.checkIsObject(reader);
    int nameAt = ABSENT;
    int instancesAt = ABSENT;
    int inputsAt = ABSENT;
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      int valueAt = reader.position();
      if (nameAt == ABSENT && reader.keyIs(SIGNATURE_NAME)) {
        nameAt = valueAt;
      } else if (instancesAt == ABSENT && reader.keyIs(INSTANCES)) {
        instancesAt = valueAt;
      } else if (inputsAt == ABSENT && reader.keyIs(INPUTS)) {
        inputsAt = valueAt;
      }
      reader.skipValue();
    }
    String name = nameAt == ABSENT ? null : BodyErrors.readSignatureName(reader, start, nameAt);
    Signature signature = signatures.apply(orDefault(name));
    checkTensors(start, instancesAt, inputsAt);
    reader.moveTo(Math.max(instancesAt, inputsAt));
    return readTensors(signature, instancesAt != ABSENT, arena);
  }

  private void checkTensors(int start, int instancesAt, int inputsAt) {
    if (instancesAt != ABSENT && inputsAt != ABSENT) {
      throw BodyErrors.document(
          reader,
          start,
          "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
    }
    if (instancesAt == ABSENT) {
      if (inputsAt == ABSENT) {
        throw ServingException.invalid("Missing 'inputs' or 'instances' key");
      }
      return;
    }
    reader.moveTo(instancesAt);
    if (reader.peek() != '[') {
      throw BodyErrors.document(reader, start, "Expecting 'instances' to be an list/array");
    }
    if (!reader.firstElement()) {
      throw BodyErrors.document(reader, start, "No values in 'instances' array");
    }
  }
}
