package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.StringTensorBuilder;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class BatchProbeTest {
  private static final ModelVersion VERSION = new ModelVersion("m", 1);
  private static final BatchProbe PROBE = new BatchProbe(Duration.ofMinutes(5));

  /** A function from x FLOAT32 to y FLOAT32, with shapes as declared. */
  private static final class Function implements LoadedModel {
    private final Signature signature;
    private final BiFunction<Batch, Tensor, Tensor> function;
    private final AtomicInteger runs = new AtomicInteger();
    private boolean approximate;

    Function(Shape x, Shape y, BiFunction<Batch, Tensor, Tensor> function) {
      this.signature =
          new Signature(
              Signature.DEFAULT_NAME,
              "",
              List.of(TensorSpec.of("x", DType.FLOAT32, x)),
              List.of(TensorSpec.of("y", DType.FLOAT32, y)));
      this.function = function;
    }

    @Override
    public Map<String, Signature> signatures() {
      return Map.of(signature.name(), signature);
    }

    @Override
    public boolean isConcurrent() {
      return false;
    }

    @Override
    public boolean isApproximate() {
      return approximate;
    }

    @Override
    public void run(Batch batch) {
      runs.incrementAndGet();
      Tensor x = batch.input(0);
      if (x == null) {
        throw new AssertionError("x is required");
      }
      batch.setOutput(0, function.apply(batch, x));
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  /** The length of texts, as FLOAT32; refuses all but its examples. */
  private record Picky(List<String> taken) implements LoadedModel {
    private static final Signature SIGNATURE =
        new Signature(
            Signature.DEFAULT_NAME,
            "",
            List.of(TensorSpec.of("x", DType.STRING, Shape.of(-1))),
            List.of(TensorSpec.of("y", DType.FLOAT32, Shape.of(-1))));

    @Override
    public Map<String, Signature> signatures() {
      return Map.of(SIGNATURE.name(), SIGNATURE);
    }

    @Override
    public boolean isConcurrent() {
      return true;
    }

    @Override
    public List<byte[]> examples(Signature signature, int input) {
      return taken.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
    }

    @Override
    public void run(Batch batch) {
      Tensor x = batch.input(0);
      if (x == null) {
        throw new AssertionError("x is required");
      }
      Tensor y = batch.arena().allocate(DType.FLOAT32, x.shape());
      for (long i = 0; i < x.elementCount(); i++) {
        if (!taken.contains(x.getUtf8(i))) {
          throw ServingException.invalid("text: " + x.getUtf8(i) + " (expected: another)");
        }
        y.data().set(ValueLayout.JAVA_FLOAT, 4 * i, x.getUtf8(i).length());
      }
      batch.setOutput(0, y);
    }

    @Override
    public long memoryBytes() {
      return 0;
    }

    @Override
    public void close() {}
  }

  @Test
  void aModelThatTakesOnlyWhatMeansSomethingIsProbedWithItsExamples() {
    assertThat(probed(new Picky(List.of("a", "bb", "ccc", "dddd")))).isTrue();
    assertThat(probed(new Picky(List.of()))).isFalse();
  }

  private static boolean probed(Picky model) {
    Batchability batchability = new Batchability(VERSION, BatchingOptions.Mode.AUTO);
    PROBE.probe(model, batchability);
    try (ArenaPool pool = new ArenaPool(1 << 20);
        TensorArena arena = pool.take()) {
      StringTensorBuilder texts = new StringTensorBuilder(arena, 1, 1);
      texts.add(new byte[] {'a'});
      Tensor x = texts.build(Shape.of(1));
      return batchability.allows(
          new PredictRequest(
              new TestRequests.Lease(model, (r, reply) -> {}),
              Picky.SIGNATURE,
              new Tensor[] {x},
              null,
              arena,
              0,
              Long.MAX_VALUE));
    }
  }

  private interface Element {
    double of(Tensor x, long i);
  }

  private static Function each(Shape x, Shape y, Element element) {
    return new Function(
        x,
        y,
        (batch, in) -> {
          Tensor out = batch.arena().allocate(DType.FLOAT32, in.shape());
          for (long i = 0; i < in.elementCount(); i++) {
            out.data().set(ValueLayout.JAVA_FLOAT, 4 * i, (float) element.of(in, i));
          }
          return out;
        });
  }

  private static boolean passes(LoadedModel model) {
    return passes(model, BatchingOptions.Mode.AUTO);
  }

  private static boolean passes(LoadedModel model, BatchingOptions.Mode mode) {
    long before = NativeMemory.liveBytes();
    Batchability batchability = new Batchability(VERSION, mode);
    PROBE.probe(model, batchability);
    assertThat(NativeMemory.liveBytes()).isEqualTo(before);
    Signature signature = model.signatures().values().iterator().next();
    try (ArenaPool pool = new ArenaPool(1 << 20);
        TensorArena arena = pool.take()) {
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(2, 3));
      return batchability.allows(
          new PredictRequest(
              new TestRequests.Lease(model, (r, reply) -> {}),
              signature,
              new Tensor[] {x},
              null,
              arena,
              0,
              Long.MAX_VALUE));
    }
  }

  @Test
  void independentRowsPass() {
    assertThat(passes(each(Shape.of(-1, 3), Shape.of(-1, 3), (x, i) -> x.getFloat(i) / 2 + 2)))
        .isTrue();
    assertThat(passes(each(Shape.of(-1), Shape.of(-1), (x, i) -> x.getFloat(i) / 2 + 2))).isTrue();
  }

  @Test
  void everySignatureIsProbedByItself() {
    RowModel model = new RowModel();
    Batchability batchability = new Batchability(VERSION, BatchingOptions.Mode.AUTO);
    PROBE.probe(model, batchability);
    assertThat(model.runs()).contains(1L, 4L);
  }

  @Test
  void aSumOverTheRowsDoesNotPass() {
    assertThat(
            passes(
                each(
                    Shape.of(-1),
                    Shape.of(-1),
                    (x, i) -> i == 0 ? x.getFloat(0) : x.getFloat(i) + x.getFloat(i - 1))))
        .isFalse();
  }

  @Test
  void aSoftmaxOverTheRowsDoesNotPass() {
    assertThat(passes(each(Shape.of(-1, 3), Shape.of(-1, 3), BatchProbeTest::softmaxOverRows)))
        .isFalse();
  }

  private static double softmaxOverRows(Tensor x, long i) {
    double sum = 0;
    for (long other = i % 3; other < x.elementCount(); other += 3) {
      sum += Math.exp(x.getFloat(other));
    }
    return Math.exp(x.getFloat(i)) / sum;
  }

  @Test
  void noiseDoesNotPass() {
    AtomicInteger calls = new AtomicInteger();
    assertThat(
            passes(
                each(
                    Shape.of(-1, 3),
                    Shape.of(-1, 3),
                    (x, i) -> x.getFloat(i) + calls.incrementAndGet())))
        .isFalse();
  }

  @Test
  void onlyAnApproximateModelMayDifferALittleWithTheNumberOfRows() {
    Function rounded =
        each(
            Shape.of(-1, 3),
            Shape.of(-1, 3),
            (x, i) -> x.getFloat(i) * (1 + 1e-3 * x.shape().dim(0)));
    assertThat(passes(rounded)).isFalse();
    rounded.approximate = true;
    assertThat(passes(rounded)).isTrue();
  }

  @Test
  void rowsOfAnApproximateModelThatDependOnOthersDoNotPass() {
    Function mixed =
        each(Shape.of(-1, 3), Shape.of(-1, 3), (x, i) -> x.getFloat(i) + x.getFloat(i % 3) / 20);
    mixed.approximate = true;
    assertThat(passes(mixed)).isFalse();
  }

  @Test
  void rowsThatGetLostDoNotPass() {
    Function first =
        new Function(
            Shape.of(-1, 3),
            Shape.of(-1, 3),
            (batch, x) -> {
              Tensor out = batch.arena().allocate(DType.FLOAT32, Shape.of(1, 3));
              out.data().copyFrom(x.data().asSlice(0, 12));
              return out;
            });
    assertThat(passes(first)).isFalse();
  }

  @Test
  void whatSaysTheSameOfAllRowsHasShownNothing() {
    assertThat(passes(each(Shape.of(-1, 3), Shape.of(-1, 3), (x, i) -> 1))).isFalse();
  }

  @Test
  void aSignatureWithoutABatchDimensionIsNeverRun() {
    List<Function> undeclared =
        List.of(
            each(Shape.of(1, 3), Shape.of(-1, 3), (x, i) -> 1),
            each(Shape.of(-1, 3), Shape.of(1, 3), (x, i) -> 1),
            each(Shape.SCALAR, Shape.of(-1), (x, i) -> 1),
            each(Shape.UNKNOWN_RANK, Shape.of(-1), (x, i) -> 1),
            each(Shape.of(-1), Shape.UNKNOWN_RANK, (x, i) -> 1));
    for (Function model : undeclared) {
      assertThat(passes(model)).as(model.signature.toString()).isFalse();
      assertThat(model.runs).as(model.signature.toString()).hasValue(0);
    }
  }

  @Test
  void theUsersWordIsTaken() {
    Function sum = each(Shape.of(1, 3), Shape.of(3), (x, i) -> 1);
    assertThat(passes(sum, BatchingOptions.Mode.ON)).isTrue();
    assertThat(passes(sum, BatchingOptions.Mode.OFF)).isFalse();
    assertThat(sum.runs).hasValue(0);
  }

  @Test
  void aModelThatWantsAnotherInnerShapeIsTriedWithIt() {
    Function picky =
        each(
            Shape.of(-1, -1),
            Shape.of(-1, -1),
            (x, i) -> {
              if (x.shape().dim(1) != 32) {
                throw ServingException.invalid("x: 32 columns");
              }
              return x.getFloat(i);
            });
    assertThat(passes(picky)).isTrue();
  }

  @Test
  void aModelThatRefusesOrBreaksDoesNotPassAndFailsNothing() {
    assertThat(
            passes(
                each(
                    Shape.of(-1),
                    Shape.of(-1),
                    (x, i) -> {
                      throw ServingException.invalid("never");
                    })))
        .isFalse();
    assertThat(
            passes(
                each(
                    Shape.of(-1),
                    Shape.of(-1),
                    (x, i) -> {
                      throw new IllegalStateException("broken");
                    })))
        .isFalse();
  }

  @Test
  void withoutTimeNothingIsRun() {
    Function model = each(Shape.of(-1), Shape.of(-1), (x, i) -> x.getFloat(i));
    Batchability batchability = new Batchability(VERSION, BatchingOptions.Mode.AUTO);
    new BatchProbe(Duration.ZERO).probe(model, batchability);
    assertThat(model.runs).hasValue(0);
  }
}
