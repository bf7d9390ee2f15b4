package io.salver.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.NativeMemory;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.OnnxModelWriter;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxEngineTest {
  private static final long LIMIT_BYTES = 64 << 20;
  private static final TensorData X = TensorData.floats("x", Shape.of(3), 1, 2, 5);
  private static final TensorData Y = TensorData.floats("y", Shape.of(3), 2.5f, 3, 4.5f);

  @TempDir Path directory;
  private OnnxEngine engine = new OnnxEngine();
  private long liveBytesBefore;

  @BeforeEach
  void start() {
    engine = new OnnxEngine();
    liveBytesBefore = NativeMemory.liveBytes();
  }

  @AfterEach
  void nothingIsLeftBehind() {
    engine.close();
    assertThat(OnnxEngine.liveValues()).isZero();
    assertThat(NativeMemory.liveBytes()).isEqualTo(liveBytesBefore);
  }

  private LoadedModel load(OnnxModelWriter model) throws Exception {
    return load(model, EngineOptions.DEFAULT);
  }

  private LoadedModel load(OnnxModelWriter model, EngineOptions options) throws Exception {
    Files.write(directory.resolve("model.onnx"), model.toByteArray());
    return engine.load(new ModelFiles(directory), options);
  }

  /** A model with two outputs: the sum and the difference of its inputs. */
  private static OnnxModelWriter sumAndDifference() {
    return new OnnxModelWriter()
        .node("", "Add", List.of("a", "b"), List.of("sum"))
        .node("", "Sub", List.of("a", "b"), List.of("difference"))
        .input("a", OnnxModelWriter.FLOAT, "n")
        .input("b", OnnxModelWriter.FLOAT, "n")
        .output("sum", OnnxModelWriter.FLOAT, "n")
        .output("difference", OnnxModelWriter.FLOAT, "n");
  }

  private static void assertAnswers(Map<String, TensorData> outputs, TensorData... expected) {
    assertThat(Expected.equalTo(expected).problem(outputs)).isEmpty();
  }

  private static ServingException failure(Runnable run) {
    try {
      run.run();
    } catch (ServingException e) {
      return e;
    }
    throw new AssertionError("did not fail");
  }

  @Test
  void halfPlusTwoIsHalfPlusTwo() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      assertAnswers(Runs.once(model, List.of(X)), Y);
    }
  }

  @Test
  void theSignatureHasTheModelsOwnNamesAndShapes() throws Exception {
    try (LoadedModel model = load(sumAndDifference())) {
      Signature signature = Runs.signature(model);
      assertThat(model.signatures()).hasSize(1);
      assertThat(signature.methodName()).isEqualTo("tensorflow/serving/predict");
      assertThat(signature.inputs())
          .containsExactly(
              TensorSpec.of("a", DType.FLOAT32, Shape.of(-1)),
              TensorSpec.of("b", DType.FLOAT32, Shape.of(-1)));
      assertThat(signature.outputs()).extracting(TensorSpec::name).contains("sum", "difference");
      assertThat(model.isConcurrent()).isTrue();
      assertThat(model.memoryBytes()).isPositive();
    }
  }

  @Test
  void threadsMayBeGiven() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo(), new EngineOptions(2, 2))) {
      assertAnswers(Runs.once(model, List.of(X)), Y);
    }
  }

  @Test
  void onlyTheOutputsThatAreWantedAreComputed() throws Exception {
    TensorData a = X.named("a");
    TensorData b = TensorData.floats("b", Shape.of(3), 1, 1, 1);
    try (LoadedModel model = load(sumAndDifference())) {
      Map<String, TensorData> outputs =
          Runs.once(model, Runs.signature(model), new boolean[] {false, true}, List.of(a, b));
      assertThat(outputs).containsOnlyKeys("difference");
      assertAnswers(outputs, TensorData.floats("difference", Shape.of(3), 0, 1, 4));
    }
  }

  @Test
  void aSignatureMadeOfTheModelsTensorsRuns() throws Exception {
    try (LoadedModel model = load(sumAndDifference())) {
      TensorSpec b = new TensorSpec("y", DType.FLOAT32, Shape.of(-1), "b", false);
      TensorSpec a = new TensorSpec("x", DType.FLOAT32, Shape.of(-1), "a", false);
      TensorSpec one = new TensorSpec("one", DType.FLOAT32, Shape.of(-1), "difference", false);
      TensorSpec two = new TensorSpec("two", DType.FLOAT32, Shape.of(-1), "difference", false);
      Signature other = new Signature("other", "", List.of(b, a), List.of(one, two));
      TensorData y = TensorData.floats("y", Shape.of(3), 1, 1, 1);
      TensorData difference = TensorData.floats("one", Shape.of(3), 0, 1, 4);
      for (int i = 0; i < 2; i++) {
        assertAnswers(
            Runs.once(model, other, null, List.of(X, y)), difference, difference.named("two"));
      }
    }
  }

  @Test
  void aSignatureWithAnotherModelsTensorsIsABug() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      TensorSpec z = TensorSpec.of("z", DType.FLOAT32, Shape.of(-1));
      Signature other = new Signature("other", "", List.of(), List.of(z));
      assertThatThrownBy(() -> Runs.once(model, other, null, List.of()))
          .hasMessageContaining("output: \"z\" (expected: one of [y])");
    }
  }

  @Test
  void anOutputWithAnotherShapeThanDeclaredIsGivenAsItIs() throws Exception {
    OnnxModelWriter doubled =
        new OnnxModelWriter()
            .node("", "Expand", List.of("x", "shape"), List.of("y"))
            .input("x", OnnxModelWriter.FLOAT, "n")
            .input("shape", OnnxModelWriter.INT64, 1)
            .output("y", OnnxModelWriter.FLOAT, "n");
    try (LoadedModel model = load(doubled)) {
      TensorData x = TensorData.floats("x", Shape.of(1), 7);
      for (int length = 1; length < 4; length++) {
        TensorData shape = TensorData.longs("shape", Shape.of(1), length);
        Map<String, TensorData> outputs = Runs.once(model, List.of(x, shape));
        assertThat(Expected.shaped("y", length).problem(outputs)).isEmpty();
      }
    }
  }

  @Test
  void aZipMapBecomesScoresAndLabelsInTheOrderOfItsLabels() throws Exception {
    OnnxModelWriter model =
        new OnnxModelWriter()
            .node(
                "ai.onnx.ml",
                "ZipMap",
                List.of("x"),
                List.of("z"),
                OnnxModelWriter.strings("classlabels_strings", "b", "a", "c"))
            .input("x", OnnxModelWriter.FLOAT, "n", 3)
            .output(
                "z",
                OnnxModelWriter.sequenceType(
                    OnnxModelWriter.mapType(
                        OnnxModelWriter.STRING,
                        OnnxModelWriter.tensorType(OnnxModelWriter.FLOAT))));
    try (LoadedModel loaded = load(model)) {
      TensorData x = TensorData.floats("x", Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
      assertAnswers(
          Runs.once(loaded, List.of(x)),
          TensorData.strings("z_labels", Shape.of(3), "a", "b", "c"),
          TensorData.floats("z", Shape.of(2, 3), 2, 1, 3, 5, 4, 6));
      Map<String, TensorData> labels =
          Runs.once(loaded, Runs.signature(loaded), new boolean[] {false, true}, List.of(x));
      assertThat(labels).containsOnlyKeys("z_labels");
      TensorData none = TensorData.floats("x", Shape.of(0, 3));
      assertThat(Runs.once(loaded, List.of(none)).get("z")).hasToString("z FLOAT32[0,0]");
    }
  }

  @Test
  void emptyTensorsGoThrough() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      TensorData none = TensorData.floats("x", Shape.of(0));
      assertAnswers(Runs.once(model, List.of(none)), none.named("y"));
    }
  }

  @Test
  void aLargeOutputIsTheRuntimesMemoryUntilTheArenaIsClosed() throws Exception {
    int length = 1 << 20;
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      TensorArena arena = pool.take();
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(length));
      x.data().fill((byte) 0);
      Batch batch = batch(model, x, arena, Long.MAX_VALUE);
      model.run(batch);
      assertThat(OnnxEngine.liveValues()).isEqualTo(1);
      assertThat(batch.output(0).getFloat(length - 1)).isEqualTo(2);
      arena.close();
    }
  }

  @Test
  void aWrongShapeIsTheCallersFaultAndIsNamed() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      TensorData square = TensorData.floats("x", Shape.of(1, 1), 1);
      ServingException failure = failure(() -> Runs.once(model, List.of(square)));
      assertThat(failure.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(failure).hasMessage("input \"x\": shape [1,1] (expected: [-1])");
    }
  }

  @Test
  void inputsThatDoNotFitEachOtherAreTheRuntimesToRefuse() throws Exception {
    try (LoadedModel model = load(sumAndDifference())) {
      TensorData b = TensorData.floats("b", Shape.of(2), 1, 1);
      ServingException failure = failure(() -> Runs.once(model, List.of(X.named("a"), b)));
      assertThat(failure).hasMessageStartingWith("ONNX Runtime: ").hasMessageContaining("2 by 3");
      TensorData fitting = TensorData.floats("b", Shape.of(3), 1, 1, 1);
      assertThat(Runs.once(model, List.of(X.named("a"), fitting))).containsKey("sum");
    }
  }

  @Test
  void aMissingInputIsTheCallersFaultAndIsNamed() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      ServingException failure = failure(() -> Runs.once(model, List.of()));
      assertThat(failure.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(failure).hasMessageContaining("input \"x\": missing");
    }
  }

  @Test
  void aTensorOnTheHeapIsRefused() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Tensor heap = Tensor.of(DType.FLOAT32, Shape.of(1), MemorySegment.ofArray(new float[1]));
      Batch batch = batch(model, heap, arena, Long.MAX_VALUE);
      assertThatThrownBy(() -> model.run(batch))
          .hasMessageContaining("on the heap (expected: native)");
    }
  }

  @Test
  void aLateRequestIsNotRun() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(LIMIT_BYTES);
        TensorArena arena = pool.take()) {
      Batch late = batch(model, X.toTensor(arena), arena, System.nanoTime() - 1);
      assertThat(failure(() -> model.run(late)).category()).isEqualTo(Category.DEADLINE_EXCEEDED);
      Batch inTime = batch(model, X.toTensor(arena), arena, System.nanoTime() + (1L << 50));
      model.run(inTime);
      assertThat(inTime.output(0).getFloat(2)).isEqualTo(4.5f);
    }
  }

  @Test
  void aRunAfterCloseIsAnErrorAndNotACrash() throws Exception {
    LoadedModel model = load(OnnxModelWriter.halfPlusTwo());
    Signature signature = Runs.signature(model);
    model.close();
    model.close();
    ServingException failure = failure(() -> Runs.once(model, signature, null, List.of(X)));
    assertThat(failure.category()).isEqualTo(Category.INTERNAL);
  }

  private static Batch batch(LoadedModel model, Tensor x, TensorArena arena, long deadlineNs) {
    return new Batch(Runs.signature(model), new Tensor[] {x}, null, arena, deadlineNs);
  }

  @Test
  void threadsRunOneModelTogether() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> runs = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int start = t;
        runs.add(threads.submit(() -> runMany(model, start, 20_000)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    }
  }

  /** Runs {@code x = start, start + 1, ...} and checks every answer. */
  private static void runMany(LoadedModel model, int start, int count) {
    try (ArenaPool pool = new ArenaPool(LIMIT_BYTES)) {
      for (int i = 0; i < count; i++) {
        try (TensorArena arena = pool.take()) {
          float value = start + i % 1000;
          Tensor x = arena.allocate(DType.FLOAT32, Shape.of(1));
          x.data().set(ValueLayout.JAVA_FLOAT, 0, value);
          Batch batch = batch(model, x, arena, Long.MAX_VALUE);
          model.run(batch);
          if (batch.output(0).getFloat(0) != value / 2 + 2) {
            throw new AssertionError("x = " + value + ": " + batch.output(0).getFloat(0));
          }
        }
      }
    }
  }

  @Test
  void manyRunsTakeNoMemory() throws Exception {
    try (LoadedModel model = load(OnnxModelWriter.halfPlusTwo())) {
      // So many that the heap's young generation has been touched as a whole: what grows is native.
      runMany(model, 0, 1_000_000);
      long before = residentKib();
      long liveBefore = NativeMemory.liveBytes();
      runMany(model, 0, 100_000);
      assertThat(NativeMemory.liveBytes()).isEqualTo(liveBefore);
      assertThat(OnnxEngine.liveValues()).isZero();
      assertThat(residentKib() - before).isLessThan(48 << 10);
    }
  }

  @Test
  void loadingAgainAndAgainTakesNoMemory() throws Exception {
    OnnxModelWriter large =
        new OnnxModelWriter()
            .initializer("w", new float[1 << 18])
            .node("", "Add", List.of("x", "w"), List.of("y"))
            .input("x", OnnxModelWriter.FLOAT, 1)
            .output("y", OnnxModelWriter.FLOAT, 1 << 18);
    load(large).close();
    // The file stays: writing it would grow the heap, and what is looked for is native.
    loadAgain(20);
    long before = residentKib();
    loadAgain(100);
    assertThat(residentKib() - before).as("100 loads of 1 MiB each").isLessThan(48 << 10);
  }

  private void loadAgain(int times) throws ModelLoadException {
    for (int i = 0; i < times; i++) {
      engine.load(new ModelFiles(directory), EngineOptions.DEFAULT).close();
    }
  }

  private static long residentKib() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      String line = lines.filter(l -> l.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("\\D", ""));
    }
  }
}
