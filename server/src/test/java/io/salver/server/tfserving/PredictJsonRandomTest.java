package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonTensorWriter;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PredictJsonRandomTest {
  private static final long SEED = 31337;

  private final ArenaPool arenas = new ArenaPool(1 << 26);
  private final PredictJsonReader reader = new PredictJsonReader();

  @AfterEach
  void close() {
    arenas.close();
  }

  @Test
  void randomBodiesMeanWhatTheTreeSays() {
    int refused = 0;
    for (int i = 0; i < 12_000; i++) {
      Random random = new Random(SEED + i);
      BodyGenerator generator = new BodyGenerator(random);
      Signature signature = generator.signature();
      String body = generator.body(signature);
      Map<String, PredictOracle.Value> expected = oracle(body, signature);
      refused += expected == null ? 1 : 0;
      try (TensorArena arena = arenas.take()) {
        String actual = actual(body, signature, arena);
        if (!actual.equals(String.valueOf(expected))) {
          assertThat(actual)
              .as("seed %d: %s %s", SEED + i, signature, body)
              .isEqualTo(String.valueOf(expected));
        }
      }
    }
    assertThat(refused).isBetween(200, 4_000);
  }

  private static @Nullable Map<String, PredictOracle.Value> oracle(
      String body, Signature signature) {
    // The only number that the generator makes too large.
    if (body.contains("1e400000")) {
      return null;
    }
    try {
      return PredictOracle.read(body, signature);
    } catch (PredictOracle.Refused e) {
      return null;
    }
  }

  /** What the reader makes of a body, as the oracle would say it; {@code null} if refused. */
  private String actual(String body, Signature signature, TensorArena arena) {
    PredictBody read;
    try {
      read = read(body.getBytes(StandardCharsets.UTF_8), signature, arena);
    } catch (ServingException e) {
      return "null";
    }
    return PredictOracle.meaning(read, signature).toString();
  }

  private PredictBody read(byte[] body, Signature signature, TensorArena arena) {
    return reader.read(body, body.length, name -> signature, arena);
  }

  @Test
  void whatIsWrittenIsReadBackTheSame() {
    JsonWriter out = new JsonWriter();
    for (int i = 0; i < 3_000; i++) {
      Random random = new Random(SEED + i);
      try (TensorArena arena = arenas.take()) {
        DType dtype = DType.values()[random.nextInt(DType.values().length)];
        if (dtype == DType.STRING || dtype == DType.COMPLEX64 || dtype == DType.COMPLEX128) {
          continue;
        }
        Tensor tensor = tensor(dtype, random, arena);
        out.clear().raw("{\"inputs\": ");
        JsonTensorWriter.write(tensor, 0, 0, false, out);
        byte[] body = Arrays.copyOf(out.raw('}').array(), out.size());
        Tensor back = Objects.requireNonNull(read(body, signature(dtype), arena).inputs()[0]);
        assertThat(back.shape()).isEqualTo(tensor.shape());
        assertThat(back.data().mismatch(tensor.data()))
            .as("seed %d %s %s", SEED + i, tensor, new String(body, StandardCharsets.UTF_8))
            .isEqualTo(-1);
      }
    }
  }

  private static Signature signature(DType dtype) {
    TensorSpec spec = TensorSpec.of("x", dtype, Shape.UNKNOWN_RANK);
    return new Signature(Signature.DEFAULT_NAME, "", List.of(spec), List.of());
  }

  private static Tensor tensor(DType dtype, Random random, TensorArena arena) {
    Tensor tensor = arena.allocate(dtype, Shape.of(1 + random.nextInt(3), 1 + random.nextInt(5)));
    for (long i = 0; i < tensor.data().byteSize(); i++) {
      byte value = (byte) (dtype == DType.BOOL ? random.nextInt(2) : random.nextInt());
      // Keeps floats from being a NaN, whose bits are not kept.
      boolean top = (i + 1) % dtype.sizeBytes() == 0 && dtype.name().contains("FLOAT");
      tensor.data().set(ValueLayout.JAVA_BYTE, i, top ? (byte) (value & 0xB7) : value);
    }
    return tensor;
  }

  @Test
  void mutatedBodiesAreReadOrRefusedAndNothingElse() {
    int accepted = 0;
    for (int i = 0; i < 25_000; i++) {
      Random random = new Random(SEED + i);
      BodyGenerator generator = new BodyGenerator(random);
      Signature signature = generator.signature();
      byte[] body = mutated(generator.body(signature).getBytes(StandardCharsets.UTF_8), random);
      try (TensorArena arena = arenas.take()) {
        read(body, signature, arena);
        accepted++;
      } catch (ServingException e) {
        assertThat(e.getMessage()).isNotEmpty();
      } catch (RuntimeException e) {
        fail("seed " + (SEED + i) + ": " + new String(body, StandardCharsets.UTF_8), e);
      }
    }
    assertThat(accepted).isGreaterThan(1000);
  }

  static byte[] mutated(byte[] body, Random random) {
    byte[] result = body.clone();
    for (int n = 1 + random.nextInt(3); n > 0 && result.length > 0; n--) {
      int at = random.nextInt(result.length);
      int to = Math.min(result.length, at + 1 + random.nextInt(8));
      switch (random.nextInt(5)) {
        case 0 -> result[at] = (byte) random.nextInt();
        case 1 -> result[at] = (byte) "[]{}\",:0-.eENItfn\\ ".charAt(random.nextInt(19));
        case 2 -> result = Arrays.copyOf(result, at);
        case 3 -> result = spliced(result, at, at, result, at, to);
        default -> result = spliced(result, at, to, result, 0, 0);
      }
    }
    return result;
  }

  /** {@code base} with the bytes from {@code at} to {@code to} replaced by a part of another. */
  private static byte[] spliced(byte[] base, int at, int to, byte[] other, int from, int end) {
    byte[] result = new byte[base.length - (to - at) + (end - from)];
    System.arraycopy(base, 0, result, 0, at);
    System.arraycopy(other, from, result, at, end - from);
    System.arraycopy(base, to, result, at + end - from, base.length - to);
    return result;
  }
}
