package io.salver.engine.tflite;

import static io.salver.testkit.cases.FlatWriter.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TfliteEngineTest {
  private final TfliteEngine engine = new TfliteEngine(2);
  @TempDir Path version;

  @AfterEach
  void everyInterpreterWasClosed() {
    assertThat(TfliteEngine.liveInterpreters()).isZero();
  }

  private ModelFiles files(Models models) throws IOException {
    Files.write(version.resolve("model.tflite"), models.write());
    return new ModelFiles(version);
  }

  private LoadedModel load(Models models) throws Exception {
    return engine.load(files(models), EngineOptions.DEFAULT);
  }

  private static TensorData x(float... values) {
    return TensorData.floats("x", Shape.of(values.length, 1), values);
  }

  private static TensorData y(LoadedModel model, TensorData input) {
    return Runs.once(model, input).get("y");
  }

  private void assertRefused(Models models, String message) {
    assertThatThrownBy(() -> load(models))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.tflite")
        .hasMessageContaining(message);
  }

  @Test
  void aModelAnswersForAnyNumberOfRows() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo())) {
      for (int rows : new int[] {1, 3, 1, 64, 3}) {
        float[] values = new float[rows];
        for (int i = 0; i < rows; i++) {
          values[i] = i;
        }
        TensorData y = y(model, x(values));
        assertThat(y.shape()).isEqualTo(Shape.of(rows, 1));
        for (int i = 0; i < rows; i++) {
          assertThat(y.number(i)).isEqualTo(0.5 * i + 2);
        }
      }
    }
  }

  @Test
  void theFileIsDescribed() throws Exception {
    assertThat(engine.describe(files(Models.halfPlusTwo())))
        .containsExactly(
            Map.entry("made by", "made for tests"), Map.entry("operators", "ADD, MUL"));
    Files.write(version.resolve("model.tflite"), new byte[100]);
    assertThatThrownBy(() -> engine.describe(new ModelFiles(version)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.tflite: file identifier");
  }

  @Test
  void withoutSignaturesTheNamesAreThoseOfTheTensorsLessAnEnd() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo())) {
      Signature signature = Runs.signature(model, Signature.DEFAULT_NAME);
      assertThat(model.signatures()).hasSize(1);
      assertThat(signature.methodName()).isEqualTo("tensorflow/serving/predict");
      assertThat(signature.inputs())
          .containsExactly(new TensorSpec("x", DType.FLOAT32, Shape.of(-1, 1), "x:0", false));
      assertThat(signature.outputs())
          .containsExactly(new TensorSpec("y", DType.FLOAT32, Shape.of(-1, 1), "y", false));
    }
  }

  @Test
  void namesThatCannotBeToldApartAreNumbered() throws Exception {
    Models models = new Models();
    int a = models.tensor("same", Models.FLOAT32, 0, 1);
    int b = models.tensor("same", Models.FLOAT32, 0, 1);
    int sum = models.tensor("", Models.FLOAT32, 0, 1);
    models.operator(models.code(Models.ADD), new int[] {a, b}, sum);
    models.ends(new int[] {a, b}, sum);
    try (LoadedModel model = load(models)) {
      Map<String, TensorData> outputs =
          Runs.once(
              model,
              TensorData.floats("same", Shape.of(1), 1),
              TensorData.floats("input_1", Shape.of(1), 2));
      assertThat(outputs.get("output_0").number(0)).isEqualTo(3);
    }
  }

  @Test
  void theFilesSignaturesComeFirst() throws Exception {
    Models models = Models.halfPlusTwo();
    models.model.put(
        7,
        List.of(
            table(0, List.of(table(0, "in", 1, 0)), 1, List.of(table(0, "out", 1, 4)), 2, "half")));
    try (LoadedModel model = load(models)) {
      assertThat(model.signatures()).containsOnlyKeys("half");
      Signature signature = Runs.signature(model, "half");
      TensorData in = TensorData.floats("in", Shape.of(1, 1), 3);
      assertThat(Runs.once(model, signature, List.of(in)).get("out").number(0)).isEqualTo(3.5);
      Signature merged = new Signature("other", "", signature.inputs(), signature.outputs());
      assertThat(Runs.once(model, merged, List.of(in)).get("out").number(0)).isEqualTo(3.5);
    }
  }

  @Test
  void aSignatureThatLeavesAnInputOutIsRefused() {
    Models models = Models.halfPlusTwo();
    models.model.put(7, List.of(table(1, List.of(table(0, "out", 1, 4)), 2, "half")));
    assertRefused(models, "signature \"half\": inputs [] (expected: each of the 1 inputs");
  }

  @Test
  void textsGoInAndOut() throws Exception {
    try (LoadedModel model = load(Models.texts())) {
      TensorData in = TensorData.strings("in", Shape.of(3), "", "w\u00f6rld", "a longer text");
      TensorData out = Runs.once(model, in).get("out");
      assertThat(out.dtype()).isEqualTo(DType.STRING);
      assertThat(List.of(out.text(0), out.text(1), out.text(2)))
          .containsExactly("", "w\u00f6rld", "a longer text");
    }
  }

  @Test
  void outputsThatAreNotWantedAreNotCopied() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo())) {
      Signature signature = Runs.signature(model, Signature.DEFAULT_NAME);
      boolean[] none = {false};
      assertThat(Runs.once(model, signature, none, List.of(x(1)), Long.MAX_VALUE)).isEmpty();
    }
  }

  @Test
  void anInputOfAnotherShapeIsRefusedAndTheNextOneAnswered() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo())) {
      for (Shape shape : List.of(Shape.of(2, 2), Shape.of(4, 1, 1), Shape.SCALAR)) {
        float[] values = new float[(int) shape.elementCount()];
        TensorData wrong = TensorData.floats("x", shape, values);
        ServingException refusal =
            catchThrowableOfType(ServingException.class, () -> y(model, wrong));
        assertThat(refusal.category()).isEqualTo(Category.INVALID_ARGUMENT);
        assertThat(refusal).hasMessage("input \"x\": shape " + shape + " (expected: [-1,1])");
      }
      assertThatThrownBy(() -> y(model, TensorData.floats("x", Shape.of(0, 1))))
          .hasMessageContaining("shape [0,1] (expected: 1 to 2^31 - 1 in each dimension)");
      assertThatThrownBy(() -> Runs.once(model))
          .hasMessageContaining("input \"x\": missing (expected: a tensor)");
      assertThat(y(model, x(1, 2)).number(1)).isEqualTo(3);
    }
  }

  @Test
  void aRequestThatNeedsTooMuchMemoryIsRefusedBeforeItIsTaken() throws Exception {
    Models models = Models.halfPlusTwo();
    models.tensors.get(3).put(0, new int[] {1, 1 << 28});
    models.operators.removeLast();
    models.ends(new int[] {0}, 3);
    try (LoadedModel model = load(models)) {
      ServingException refusal =
          catchThrowableOfType(ServingException.class, () -> Runs.once(model, x(1, 2, 3, 4, 5, 6)));
      assertThat(refusal.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(refusal).hasMessageContaining("bytes for the model's tensors (expected: <=");
    }
  }

  @Test
  void aModelThatNeedsTooMuchMemoryIsRefused() {
    Models models = Models.halfPlusTwo();
    models.tensors.get(3).put(0, new int[] {1 << 20, 1 << 20});
    assertRefused(models, "bytes beside the file (expected: <= ");
  }

  @Test
  void aPassedDeadlineIsRefused() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo())) {
      Signature signature = Runs.signature(model, Signature.DEFAULT_NAME);
      long past = System.nanoTime() - 1;
      ServingException refusal =
          catchThrowableOfType(
              ServingException.class, () -> Runs.once(model, signature, null, List.of(x(1)), past));
      assertThat(refusal.category()).isEqualTo(Category.DEADLINE_EXCEEDED);
    }
  }

  @Test
  void anOperatorThatTheLibraryLacksIsNamed() {
    Models models = Models.halfPlusTwo();
    models.codes.get(0).put(0, (byte) Models.CUSTOM);
    models.codes.get(0).put(3, Models.CUSTOM);
    models.codes.get(0).put(1, "ParseExampleV2");
    assertRefused(models, "ParseExampleV2");
    models.codes.get(0).put(1, "tftext:WhitespaceTokenizeWithOffsets");
    assertRefused(models, "tftext:WhitespaceTokenizeWithOffsets");
    models.codes.get(0).put(1, "FlexRegexFullMatch");
    assertRefused(models, "FlexRegexFullMatch");
  }

  @Test
  void aTensorOfATypeThatSalverLacksIsNamed() {
    Models models = Models.halfPlusTwo();
    models.tensors.get(0).put(1, (byte) TfliteType.VARIANT.ordinal());
    assertRefused(models, "model.tflite");
  }

  @Test
  void anOperatorWhoseOutputNothingReadsDoesNotEndTheProcess() throws Exception {
    Models models = Models.halfPlusTwo();
    models.operator(0, new int[] {4, 1}, models.tensor("idle", Models.FLOAT32, 0, 1, 1));
    try (LoadedModel model = load(models)) {
      assertThat(y(model, x(5)).number(0)).isEqualTo(4.5);
    }
  }

  @Test
  void threadsShareAModelAndNoMoreThanItsInterpreters() throws Exception {
    try (LoadedModel model = load(Models.halfPlusTwo());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      assertThat(model.isConcurrent()).isTrue();
      List<Callable<Integer>> tasks = new ArrayList<>();
      for (int task = 0; task < 4; task++) {
        int rows = task + 1;
        tasks.add(() -> {
          int wrong = 0;
          for (int i = 0; i < 500; i++) {
            float[] values = new float[rows];
            Arrays.fill(values, i);
            wrong += y(model, x(values)).number(rows - 1) == 0.5 * i + 2 ? 0 : 1;
          }
          return wrong;
        });
      }
      for (Future<Integer> wrong : threads.invokeAll(tasks)) {
        assertThat(wrong.get()).isZero();
      }
      assertThat(TfliteEngine.liveInterpreters()).isBetween(1L, 2L);
    }
  }

  @Test
  void whatIsNoModelIsNotMine() throws Exception {
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
    Files.writeString(version.resolve("a.tflite"), "");
    Files.writeString(version.resolve("b.tflite"), "");
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
    assertThatThrownBy(() -> engine.load(new ModelFiles(version), EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("expected: model.tflite, or one file *.tflite");
  }

  @Test
  void aFileThatIsStillComingIsIncomplete() throws Exception {
    byte[] whole = Models.halfPlusTwo().write();
    Path file = version.resolve("half.tflite");
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.Incomplete.class);
    Files.write(file, whole);
    assertThat(engine.inspect(new ModelFiles(version)))
        .isInstanceOfSatisfying(
            Inspection.Ready.class,
            ready -> assertThat(ready.memoryBoundBytes()).isGreaterThan(whole.length));
    try (LoadedModel model = engine.load(new ModelFiles(version), EngineOptions.DEFAULT)) {
      assertThat(((Inspection.Ready) engine.inspect(new ModelFiles(version))).memoryBoundBytes())
          .isEqualTo(model.memoryBytes());
    }
  }

  @Test
  void aModelIsNotRunAfterItWasClosed() throws Exception {
    LoadedModel model = load(Models.halfPlusTwo());
    model.close();
    model.close();
    assertThatThrownBy(() -> y(model, x(1))).hasMessage("model: run after it was closed");
  }

  @Test
  void anEngineWithoutInterpretersIsRefused() {
    assertThatThrownBy(() -> new TfliteEngine(0))
        .hasMessage("interpreters: 0 (expected: >= 1 for each model)");
  }
}
