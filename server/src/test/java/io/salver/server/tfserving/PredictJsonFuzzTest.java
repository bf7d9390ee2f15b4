package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.salver.predict.ServingException;
import io.salver.server.fuzz.AllocationBound;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorArena;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bodies of {@code :predict}; the first byte chooses a signature. What is JSON by its grammar means
 * what {@link PredictOracle} says. Anything else is read or refused, and nothing more.
 */
class PredictJsonFuzzTest {
  private static final int SIGNATURES = 64;
  private static final int BYTES_PER_INPUT_BYTE = 64;
  private static final ArenaPool ARENAS = new ArenaPool(1 << 22);
  private static final PredictJsonReader READER = new PredictJsonReader();

  /** Refusals of what the grammar and the oracle take. */
  private static final Pattern STRICTER =
      Pattern.compile("nested deeper|Number too big|surrogate|'inputs'|'instances'|escape");

  static Stream<byte[]> seeds() {
    return IntStream.range(0, SIGNATURES)
        .mapToObj(seed -> {
          BodyGenerator generator = new BodyGenerator(new Random(seed));
          String body = generator.body(generator.signature());
          return ((char) seed + body).getBytes(StandardCharsets.UTF_8);
        });
  }

  @MethodSource("seeds")
  @FuzzTest
  void bodiesAreReadAsTheyAreMeantOrRefused(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Signature signature = new BodyGenerator(new Random(input[0] & SIGNATURES - 1)).signature();
    byte[] body = Arrays.copyOfRange(input, 1, input.length);
    AllocationBound.check(body.length, () -> read(body, signature, read -> ""));
    String actual =
        read(body, signature, read -> PredictOracle.meaning(read, signature).toString());
    String text = json(body);
    if (text != null && !STRICTER.matcher(actual).find()) {
      assertThat(actual.startsWith("{") ? actual : null).isEqualTo(expected(text, signature));
    }
  }

  /** What {@code use} makes of the body, or why it was refused. */
  private static String read(byte[] body, Signature signature, Function<PredictBody, String> use) {
    try (TensorArena arena = ARENAS.take()) {
      PredictBody read = READER.read(body, body.length, name -> signature, arena);
      assertThat(arena.usedBytes()).isLessThan(BYTES_PER_INPUT_BYTE * (body.length + 64L));
      return use.apply(read);
    } catch (ServingException e) {
      return Objects.requireNonNull(e.getMessage());
    }
  }

  private static @Nullable String expected(String text, Signature signature) {
    try {
      return PredictOracle.read(text, signature).toString();
    } catch (PredictOracle.Refused e) {
      return null;
    }
  }

  /** The text, if it is an object in JSON. */
  private static @Nullable String json(byte[] body) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return JsonGrammar.isObject(text) ? text : null;
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
