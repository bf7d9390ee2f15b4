package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonReader;
import io.salver.tensor.MemoryLimitException;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads bodies of {@code :classify} and {@code :regress}. One for each event loop, used again and
 * again; not thread-safe.
 *
 * <p>As with {@link PredictJsonReader} a body is first read in the order in which it comes, and
 * once more, from an outline, if its context comes last or something is wrong.
 */
final class ExamplesJsonReader {
  private static final byte[] SIGNATURE_NAME = ascii("signature_name");
  private static final byte[] CONTEXT = ascii("context");
  private static final byte[] EXAMPLES = ascii("examples");
  private static final int ABSENT = -1;
  private static final int EXPECTED_COUNT = 16;
  private static final int EXPECTED_BYTES = 1024;

  private final JsonReader reader = new JsonReader();
  private final ExampleEncoder encoder = new ExampleEncoder(reader);

  /** The context, and behind it the example that is being read. */
  private final WireBuffer merged = new WireBuffer();

  private static byte[] ascii(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads a body.
   *
   * @param body holds it from index 0 to {@code length}
   * @param arena where the tensor is put
   * @throws ServingException if the body is wrong
   */
  ExamplesBody read(byte[] body, int length, TensorArena arena) {
    if (length == 0) {
      throw ServingException.invalid("JSON Parse error: The document is empty");
    }
    try {
      ExamplesBody read = readOptimistically(body, length, arena);
      return read != null ? read : readThoroughly(body, length, arena);
    } catch (MemoryLimitException e) {
      throw ServingException.of(e);
    } finally {
      reader.release();
    }
  }

  private @Nullable ExamplesBody readOptimistically(byte[] body, int length, TensorArena arena) {
    reader.reset(body, length);
    try {
      return reader.peek() == '{' ? readInOrder(arena) : null;
    } catch (ServingException e) {
      return null;
    }
  }

  private @Nullable ExamplesBody readInOrder(TensorArena arena) {
    String name = null;
    boolean context = false;
    Tensor examples = null;
    merged.clear();
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      if (reader.keyIs(EXAMPLES)) {
        if (examples != null) {
          return null;
        }
        examples = readExamples(arena);
      } else if (reader.keyIs(CONTEXT)) {
        if (context || examples != null) {
          return null;
        }
        context = true;
        encoder.encode(merged);
      } else if (reader.keyIs(SIGNATURE_NAME)) {
        if (name != null) {
          return null;
        }
        reader.readString();
        name = reader.string();
      } else {
        reader.skipValue();
      }
    }
    return examples == null ? null : new ExamplesBody(orDefault(name), examples);
  }

  private static String orDefault(@Nullable String name) {
    return name == null || name.isEmpty() ? Signature.DEFAULT_NAME : name;
  }

  /** Reads the list of examples, each behind the context that {@link #merged} holds. */
  private Tensor readExamples(TensorArena arena) {
    int contextSize = merged.size();
    StringTensorBuilder examples = new StringTensorBuilder(arena, EXPECTED_COUNT, EXPECTED_BYTES);
    if (!reader.firstElement()) {
      throw ServingException.invalid("'examples' value is an empty array");
    }
    do {
      merged.truncate(contextSize);
      encoder.encode(merged);
      examples.add(MemorySegment.ofArray(merged.array()), 0, merged.size());
    } while (reader.nextElement());
    return examples.build(Shape.of(examples.count()));
  }

  /** Reads a body in TensorFlow Serving's order of checks: the grammar of the whole comes first. */
  private ExamplesBody readThoroughly(byte[] body, int length, TensorArena arena) {
    reader.reset(body, length);
    int start = BodyErrors.checkIsObject(reader);
    int nameAt = ABSENT;
    int contextAt = ABSENT;
    int examplesAt = ABSENT;
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      int valueAt = reader.position();
      if (nameAt == ABSENT && reader.keyIs(SIGNATURE_NAME)) {
        nameAt = valueAt;
      } else if (contextAt == ABSENT && reader.keyIs(CONTEXT)) {
        contextAt = valueAt;
      } else if (examplesAt == ABSENT && reader.keyIs(EXAMPLES)) {
        examplesAt = valueAt;
      }
      reader.skipValue();
    }
    String name = nameAt == ABSENT ? null : BodyErrors.readSignatureName(reader, start, nameAt);
    merged.clear();
    if (contextAt != ABSENT) {
      reader.moveTo(contextAt);
      encoder.encode(merged);
    }
    checkExamples(start, examplesAt);
    reader.moveTo(examplesAt);
    return new ExamplesBody(orDefault(name), readExamples(arena));
  }

  private void checkExamples(int start, int examplesAt) {
    if (examplesAt == ABSENT) {
      throw BodyErrors.document(
          reader, start, "When method is classify, key 'examples' is expected and was not found");
    }
    reader.moveTo(examplesAt);
    if (reader.peek() != '[') {
      throw BodyErrors.document(reader, start, "Expecting 'examples' value to be an list/array");
    }
    if (!reader.firstElement()) {
      throw BodyErrors.document(reader, start, "'examples' value is an empty array");
    }
  }
}
