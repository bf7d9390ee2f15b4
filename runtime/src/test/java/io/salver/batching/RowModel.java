package io.salver.batching;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * A model whose rows are independent. {@code numbers}: {@code y = 2 x + k}, and {@code n}, the
 * number of elements of each row; refuses a NaN. {@code words}: {@code u} is {@code w} with an
 * exclamation mark. Remembers how many rows each run had.
 */
final class RowModel implements LoadedModel {
  static final Signature NUMBERS =
      new Signature(
          "numbers",
          "",
          List.of(
              TensorSpec.of("x", DType.FLOAT32, Shape.of(-1, -1)),
              new TensorSpec("k", DType.INT64, Shape.of(-1), "k", true)),
          List.of(
              TensorSpec.of("y", DType.FLOAT32, Shape.of(-1, -1)),
              TensorSpec.of("n", DType.INT64, Shape.of(-1))));
  static final Signature WORDS =
      new Signature(
          "words",
          "",
          List.of(TensorSpec.of("w", DType.STRING, Shape.of(-1))),
          List.of(TensorSpec.of("u", DType.STRING, Shape.of(-1))));

  private final boolean isConcurrent;
  private final Consumer<Batch> first;
  private final ConcurrentLinkedQueue<Long> runs = new ConcurrentLinkedQueue<>();

  /**
   * A model.
   *
   * @param first called at the beginning of each run
   */
  RowModel(boolean isConcurrent, Consumer<Batch> first) {
    this.isConcurrent = isConcurrent;
    this.first = first;
  }

  RowModel() {
    this(true, batch -> {});
  }

  /** The rows of each run so far, also of those that failed. */
  List<Long> runs() {
    return List.copyOf(runs);
  }

  void forgetRuns() {
    runs.clear();
  }

  @Override
  public Map<String, Signature> signatures() {
    return Map.of(NUMBERS.name(), NUMBERS, WORDS.name(), WORDS);
  }

  @Override
  public boolean isConcurrent() {
    return isConcurrent;
  }

  @Override
  public void run(Batch batch) {
    Tensor input = batch.input(0);
    if (input == null) {
      throw new AssertionError("the first input is required");
    }
    runs.add(input.shape().dim(0));
    first.accept(batch);
    if (batch.signature() == WORDS) {
      words(batch, input);
    } else {
      numbers(batch, input);
    }
  }

  private static void words(Batch batch, Tensor words) {
    StringTensorBuilder out = new StringTensorBuilder(batch.arena(), words.elementCount(), 0);
    for (long i = 0; i < words.elementCount(); i++) {
      byte[] word = (words.getUtf8(i) + "!").getBytes(java.nio.charset.StandardCharsets.UTF_8);
      out.add(MemorySegment.ofArray(word), 0, word.length);
    }
    batch.setOutput(0, out.build(words.shape()));
  }

  private static void numbers(Batch batch, Tensor x) {
    Tensor k = batch.input(1);
    long rows = x.shape().dim(0);
    long columns = x.shape().dim(1);
    Tensor y = batch.arena().allocate(DType.FLOAT32, x.shape());
    Tensor n = batch.arena().allocate(DType.INT64, Shape.of(rows));
    for (long row = 0; row < rows; row++) {
      long more = k == null ? 0 : k.getLong(row);
      for (long i = row * columns; i < (row + 1) * columns; i++) {
        if (Float.isNaN(x.getFloat(i))) {
          throw ServingException.invalid("x: NaN (expected: a number)");
        }
        y.data().set(ValueLayout.JAVA_FLOAT, 4 * i, 2 * x.getFloat(i) + more);
      }
      n.data().set(ValueLayout.JAVA_LONG, 8 * row, columns);
    }
    if (batch.wants(0)) {
      batch.setOutput(0, y);
    }
    if (batch.wants(1)) {
      batch.setOutput(1, n);
    }
  }

  @Override
  public long memoryBytes() {
    return 0;
  }

  @Override
  public void close() {}
}
