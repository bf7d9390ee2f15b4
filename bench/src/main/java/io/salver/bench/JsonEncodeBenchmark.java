package io.salver.bench;

import io.salver.server.json.JsonTensorWriter;
import io.salver.server.json.JsonWriter;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.lang.foreign.ValueLayout;
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
 * What it costs to write a FLOAT32 tensor as JSON: a row of 4 numbers; an image of 224 x 224 x 3,
 * each number of which takes 9 digits; and 1000 probabilities, many of them tiny.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-XX:+UseCompactObjectHeaders"})
public class JsonEncodeBenchmark {
  /** Which tensor. */
  @Param({"row", "image", "probabilities"})
  public String tensor = "row";

  private final ArenaPool arenas = new ArenaPool(1 << 26);
  private final TensorArena arena = arenas.take();
  private final JsonWriter out = new JsonWriter();
  private Tensor values = arena.allocate(DType.FLOAT32, Shape.SCALAR);

  /** Makes the tensor. */
  @Setup
  public void make() {
    Random random = new Random(7);
    values =
        switch (tensor) {
          case "row" -> arena.allocate(DType.FLOAT32, Shape.of(1, 4));
          case "image" -> arena.allocate(DType.FLOAT32, Shape.of(1, 224, 224, 3));
          default -> arena.allocate(DType.FLOAT32, Shape.of(1, 1000));
        };
    for (long i = 0; i < values.elementCount(); i++) {
      float value =
          tensor.equals("probabilities")
              ? (float) Math.exp(-40 * random.nextDouble())
              : random.nextFloat();
      values.data().set(ValueLayout.JAVA_FLOAT, i * Float.BYTES, value);
    }
  }

  /** Frees the tensor. */
  @TearDown
  public void close() {
    arena.close();
    arenas.close();
  }

  /** From tensor memory to bytes. */
  @Benchmark
  public int encode() {
    JsonTensorWriter.write(values, 0, 0, false, out.clear());
    return out.size();
  }
}
