package io.salver.bench;

import io.salver.server.json.JsonReader;
import io.salver.server.json.JsonTensorReader;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to read {@code {"instances": [...]}} from bytes into a FLOAT32 tensor: a row of 4
 * numbers; an image of 224 x 224 x 3 with 5 decimals, 1.5 MB; and the same with the 17 digits of
 * floats that were made doubles, 3 MB.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseCompactObjectHeaders"})
public class JsonDecodeBenchmark {
  private static final int SIDE = 224;

  /** Which body. */
  @Param({"row", "image", "imageOfDoubles"})
  public String body = "row";

  private final ArenaPool arenas = new ArenaPool(1 << 26);
  private final JsonReader reader = new JsonReader();
  private final JsonTensorReader tensors = new JsonTensorReader(reader);
  private byte[] text = new byte[0];

  /** Makes the body. */
  @Setup
  public void make() {
    text = text();
  }

  byte[] text() {
    String json =
        switch (body) {
          case "row" -> "{\"instances\": [[0.25, 1.5, 3.1415927, -17.0]]}";
          case "image" -> image("%.5f");
          default -> image("%.17g");
        };
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static String image(String format) {
    Random random = new Random(7);
    StringBuilder json = new StringBuilder("{\"instances\": [[");
    for (int y = 0; y < SIDE; y++) {
      json.append(y == 0 ? "[" : ", [");
      for (int x = 0; x < SIDE; x++) {
        json.append(x == 0 ? "[" : ", [");
        for (int channel = 0; channel < 3; channel++) {
          json.append(channel == 0 ? "" : ", ");
          json.append(String.format(Locale.ROOT, format, random.nextFloat()));
        }
        json.append(']');
      }
      json.append(']');
    }
    return json.append("]]}").toString();
  }

  /** Frees the arenas. */
  @TearDown
  public void close() {
    arenas.close();
  }

  /** From bytes to tensor memory and back to the pool. */
  @Benchmark
  public long decode() {
    try (TensorArena arena = arenas.take()) {
      reader.reset(text, text.length);
      reader.firstMember();
      reader.firstElement();
      tensors.begin(DType.FLOAT32, arena);
      do {
        tensors.readRow();
      } while (reader.nextElement());
      Tensor tensor = tensors.finishRows();
      return tensor.elementCount();
    }
  }
}
