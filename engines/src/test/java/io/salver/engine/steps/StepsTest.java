package io.salver.engine.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.salver.engine.Batch;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepsTest {
  private static final TensorSpec X = TensorSpec.of("x", DType.FLOAT32, Shape.of(-1, 3));
  private static final StepSpec SOFTMAX = new StepSpec.Softmax("x'", "probabilities");

  @TempDir Path directory;
  private final StepRuns runs = new StepRuns();
  private ModelFiles files;

  @BeforeEach
  void writeFiles() throws IOException {
    files = new ModelFiles(directory);
    Files.writeString(directory.resolve("labels.txt"), "cat\ndog\nbird\n");
    Files.writeString(
        directory.resolve("vocab.txt"),
        "[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\nwant\n##ed\nrunning\n,\ncafe\nCafé\n中\n");
  }

  @AfterEach
  void close() {
    runs.close();
  }

  private static StepSpec labels(String tensor, int top) {
    return new StepSpec.Labels(tensor, "labels.txt", top, "label", "score");
  }

  private LoadedModel after(LoadedModel model, StepSpec... after) throws ModelLoadException {
    return Steps.around(model, files, List.of(), List.of(after));
  }

  private static Signature signature(LoadedModel model) {
    return model.signatures().get(Signature.DEFAULT_NAME);
  }

  private static List<String> names(List<TensorSpec> specs) {
    return specs.stream().map(TensorSpec::name).toList();
  }

  @Test
  void scoresBecomeTheNamesOfTheHighest() throws Exception {
    LoadedModel model = after(new EchoModel(X), SOFTMAX, labels("probabilities", 2));
    assertThat(names(signature(model).inputs())).containsExactly("x");
    assertThat(names(signature(model).outputs())).containsExactly("label", "score");
    Batch batch = runs.run(model, runs.floats(Shape.of(2, 3), 1, 3, 2, 0, 0, 1000));
    assertThat(batch.output(0).shape()).isEqualTo(Shape.of(2, 2));
    assertThat(StepRuns.strings(batch.output(0))).containsExactly("dog", "bird", "bird", "cat");
    assertThat(StepRuns.floats(batch.output(1)))
        .containsExactly(new float[] {0.66524f, 0.24473f, 1, 0}, within(1e-5f));
  }

  @Test
  void whatNoStepTakesStaysAnOutput() throws Exception {
    TensorSpec box = TensorSpec.of("box", DType.FLOAT32, Shape.of(-1, 4));
    LoadedModel model = after(new EchoModel(X, box), labels("x'", 1));
    assertThat(names(signature(model).inputs())).containsExactly("x", "box");
    assertThat(names(signature(model).outputs())).containsExactly("box'", "label", "score");
  }

  @Test
  void onlyWhatIsWantedIsRun() throws Exception {
    TensorSpec box = TensorSpec.of("box", DType.FLOAT32, Shape.of(-1, 4));
    LoadedModel model = after(new EchoModel(X, box), labels("x'", 1));
    Tensor wrong = runs.floats(Shape.of(1, 2), 1, 2);
    Tensor boxes = runs.floats(Shape.of(1, 4), 1, 2, 3, 4);
    Batch batch = runs.run(model, new boolean[] {true, false, false}, wrong, boxes);
    assertThat(StepRuns.floats(batch.output(0))).containsExactly(1, 2, 3, 4);
    assertThat(batch.isSet(1)).isFalse();
  }

  @Test
  void aStepMayGiveItsTensorTheNameOfWhatItTakes() throws Exception {
    LoadedModel model = after(new EchoModel(X), new StepSpec.Softmax("x'", "x'"));
    assertThat(names(signature(model).outputs())).containsExactly("x'");
    Batch batch = runs.run(model, runs.floats(Shape.of(1, 3), 5, 5, 5));
    assertThat(StepRuns.floats(batch.output(0)))
        .containsExactly(new float[] {1 / 3f, 1 / 3f, 1 / 3f}, within(1e-6f));
  }

  @Test
  void anOutputMayHaveTheNameOfAnInput() throws Exception {
    LoadedModel model = after(new EchoModel(X), new StepSpec.Softmax("x'", "x"));
    Batch batch = runs.run(model, runs.floats(Shape.of(1, 3), 5, 5, 5));
    assertThat(StepRuns.floats(batch.output(0)))
        .containsExactly(new float[] {1 / 3f, 1 / 3f, 1 / 3f}, within(1e-6f));
  }

  @Test
  void otherSignaturesStayAsTheyAre() throws Exception {
    Signature plain = new Signature("plain", "", List.of(X), List.of(X));
    EchoModel echo = new EchoModel(X).add(plain);
    LoadedModel model = after(echo, labels("x'", 1));
    assertThat(model.signatures().keySet()).containsExactly(Signature.DEFAULT_NAME, "plain");
    Tensor in = runs.floats(Shape.of(1, 3), 1, 2, 3);
    Batch batch = new Batch(plain, new Tensor[] {in}, null, runs.arena, Long.MAX_VALUE);
    model.run(batch);
    assertThat(batch.output(0)).isSameAs(in);
  }

  @Test
  void aSignatureMadeOfTheSameTensorsIsRunAsWell() throws Exception {
    LoadedModel model = after(new EchoModel(X), SOFTMAX, labels("probabilities", 3));
    Signature reversed =
        new Signature(
            "merged", "", signature(model).inputs(), signature(model).outputs().reversed());
    Tensor in = runs.floats(Shape.of(1, 3), 1, 2, 3);
    Batch batch = new Batch(reversed, new Tensor[] {in}, null, runs.arena, Long.MAX_VALUE);
    model.run(batch);
    assertThat(StepRuns.strings(batch.output(1))).containsExactly("bird", "dog", "cat");
  }

  @Test
  void aLateRequestIsNotRun() throws Exception {
    EchoModel echo = new EchoModel(X);
    LoadedModel model = after(echo, labels("x'", 1));
    Tensor in = runs.floats(Shape.of(1, 3), 1, 2, 3);
    Batch late =
        new Batch(
            signature(model), new Tensor[] {in}, null, runs.arena, System.nanoTime() - 1_000_000);
    assertThatThrownBy(() -> model.run(late))
        .isInstanceOfSatisfying(
            ServingException.class,
            e -> assertThat(e.category()).isEqualTo(Category.DEADLINE_EXCEEDED))
        .hasMessageContaining("before step 1 of 2 was run");
    assertThat(echo.runs).isZero();
  }

  @Test
  void numbersOfClassesBecomeNames() throws Exception {
    TensorSpec k = TensorSpec.of("k", DType.INT64, Shape.of(-1, 2));
    LoadedModel model = after(new EchoModel(k), new StepSpec.Names("k'", "labels.txt", "name"));
    Batch batch = runs.run(model, runs.longs(Shape.of(2, 2), 0, 1, 2, 0));
    assertThat(batch.output(0).shape()).isEqualTo(Shape.of(2, 2));
    assertThat(StepRuns.strings(batch.output(0))).containsExactly("cat", "dog", "bird", "cat");
    for (long wrong : new long[] {-1, 3, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> runs.run(model, runs.longs(Shape.of(1, 2), 0, wrong)))
          .isInstanceOf(ServingException.class)
          .hasMessageContaining("has class " + wrong + " (expected: below 3");
    }
  }

  @Test
  void theHighestAreThoseThatSortingFinds() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      float[] values = new float[1 + random.nextInt(20)];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(10) == 0 ? Float.NaN : random.nextInt(8) - 4;
      }
      int[] order = new int[1 + random.nextInt(values.length)];
      TopK.of(values, order);
      int[] expected =
          IntStream.range(0, values.length)
              .boxed()
              .sorted((a, b) ->
                  Float.isNaN(values[a]) || Float.isNaN(values[b])
                      ? Boolean.compare(Float.isNaN(values[a]), Float.isNaN(values[b]))
                      : Float.compare(values[b], values[a]))
              .mapToInt(i -> i)
              .limit(order.length)
              .toArray();
      assertThat(order).isEqualTo(expected);
    }
  }

  private LoadedModel text(boolean lowerCase, int maxTokens, long length, DType dtype)
      throws ModelLoadException {
    Shape shape = Shape.of(-1, length);
    EchoModel model =
        new EchoModel(
            TensorSpec.of("ids", dtype, shape),
            TensorSpec.of("mask", dtype, shape),
            TensorSpec.of("types", dtype, shape));
    StepSpec step =
        new StepSpec.WordPieces(
            "text",
            "vocab.txt",
            lowerCase,
            maxTokens,
            "ids",
            Optional.of("mask"),
            Optional.of("types"));
    return Steps.around(model, files, List.of(step), List.of());
  }

  private static long[] longs(Tensor tensor) {
    long[] values = new long[(int) tensor.elementCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = tensor.dtype() == DType.INT64 ? tensor.getLong(i) : tensor.getInt(i);
    }
    return values;
  }

  @Test
  void textBecomesWordPieces() throws Exception {
    LoadedModel model = text(true, 16, -1, DType.INT64);
    assertThat(names(signature(model).inputs())).containsExactly("text");
    Batch batch =
        runs.run(model, runs.strings("UNwantéd,running", "", "unaffable\tcafé 中running \u0000x"));
    assertThat(batch.output(0).shape()).isEqualTo(Shape.of(3, 9));
    assertThat(longs(batch.output(0)))
        .containsExactly(
            2, 1, 10, 9, 3, 0, 0, 0, 0, //
            2, 3, 0, 0, 0, 0, 0, 0, 0, //
            2, 4, 5, 6, 11, 13, 9, 1, 3);
    assertThat(longs(batch.output(1)))
        .containsExactly(
            1, 1, 1, 1, 1, 0, 0, 0, 0, //
            1, 1, 0, 0, 0, 0, 0, 0, 0, //
            1, 1, 1, 1, 1, 1, 1, 1, 1);
    assertThat(longs(batch.output(2))).containsOnly(0);
  }

  @Test
  void caseAndAccentsStayIfAsked() throws Exception {
    LoadedModel model = text(false, 16, -1, DType.INT32);
    Batch batch = runs.run(model, runs.strings("Café cafe wanted"));
    assertThat(longs(batch.output(0))).containsExactly(2, 12, 11, 7, 8, 3);
  }

  @Test
  void longTextIsCutAndShortTextFilled() throws Exception {
    String words = "want running ".repeat(50);
    assertThat(longs(runs.run(text(true, 5, -1, DType.INT64), runs.strings(words)).output(0)))
        .containsExactly(2, 7, 9, 7, 3);
    assertThat(
            longs(runs.run(text(true, 512, 6, DType.INT64), runs.strings(words, "want")).output(0)))
        .containsExactly(2, 7, 9, 7, 9, 3, 2, 7, 3, 0, 0, 0);
    assertThat(longs(runs.run(text(true, 3, 5, DType.INT64), runs.strings(words)).output(0)))
        .containsExactly(2, 7, 3, 0, 0);
    assertThat(longs(runs.run(text(true, 2, -1, DType.INT64), runs.strings("want")).output(0)))
        .containsExactly(2, 3);
    assertThat(
            longs(
                runs.run(text(true, 9, -1, DType.INT64), runs.strings("x".repeat(101))).output(0)))
        .containsExactly(2, 1, 3);
  }

  private void assertRefused(EchoModel model, StepSpec step, boolean before, String message) {
    assertThatThrownBy(() ->
            Steps.around(
                model,
                files,
                before ? List.of(step) : List.of(),
                before ? List.of() : List.of(step)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(message);
    assertThat(model.closed).isTrue();
  }

  @Test
  void stepsThatDoNotFitAreRefusedAndTheModelIsClosed() throws IOException {
    Files.writeString(directory.resolve("two.txt"), "a\nb\n");
    Files.writeString(directory.resolve("empty.txt"), "");
    assertRefused(
        new EchoModel(X),
        labels("y", 1),
        false,
        "step labels: tensor: \"y\" (expected: an output before it: [x'])");
    assertRefused(new EchoModel(X), labels("x'", 0), false, "step labels: top: 0 (expected: >= 1)");
    assertRefused(
        new EchoModel(X),
        new StepSpec.Labels("x'", "two.txt", 1, "l", "s"),
        false,
        "file: \"two.txt\": 2 lines (expected: 3, as \"x'\" is [-1,3])");
    assertRefused(
        new EchoModel(X),
        new StepSpec.Labels("x'", "empty.txt", 1, "l", "s"),
        false,
        "file: \"empty.txt\" is empty");
    assertRefused(
        new EchoModel(X),
        new StepSpec.Labels("x'", "../secret.txt", 1, "l", "s"),
        false,
        "file: \"../secret.txt\" (expected: a file inside the model directory");
    assertRefused(
        new EchoModel(X),
        new StepSpec.Labels("x'", "absent.txt", 1, "l", "s"),
        false,
        "file: \"absent.txt\" cannot be read");
    assertRefused(
        new EchoModel(X),
        new StepSpec.Names("x'", "labels.txt", "n"),
        false,
        "tensor: \"x'\" is FLOAT32 (expected: INT64 or INT32)");
    assertRefused(new EchoModel(X), SOFTMAX, true, "step softmax: not among those before");
    assertRefused(
        new EchoModel(X),
        new StepSpec.WordPieces(
            "text", "vocab.txt", true, 9, "x", Optional.empty(), Optional.empty()),
        true,
        "tensor: \"x\" is FLOAT32[-1,3] (expected: INT64 or INT32 [n,tokens])");
    TensorSpec ids = TensorSpec.of("ids", DType.INT64, Shape.of(-1, -1));
    assertRefused(
        new EchoModel(ids),
        new StepSpec.WordPieces(
            "text", "labels.txt", true, 9, "ids", Optional.empty(), Optional.empty()),
        true,
        "vocabulary: \"labels.txt\" lacks [UNK]");
    assertRefused(
        new EchoModel(ids),
        new StepSpec.WordPieces(
            "text", "vocab.txt", true, 1, "ids", Optional.empty(), Optional.empty()),
        true,
        "max_tokens: 1");
  }

  @Test
  void whatTheModelGivesIsChecked() throws Exception {
    LoadedModel model = after(new EchoModel(X), labels("x'", 1));
    assertThatThrownBy(() -> runs.run(model, runs.floats(Shape.of(1, 4), 1, 2, 3, 4)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("step labels: \"x'\" is [1,4] (expected: [rows, 3]");
    assertThatThrownBy(() -> runs.run(model, new Tensor[] {null}))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("input \"x\": missing");
  }

  @Test
  void namedNumbersBecomeRows() throws Exception {
    StepSpec columns = new StepSpec.Columns(List.of("a", "b", "c"), "x");
    LoadedModel model = Steps.around(new EchoModel(X), files, List.of(columns), List.of());
    assertThat(signature(model).inputs())
        .containsExactly(
            TensorSpec.of("a", DType.FLOAT32, Shape.of(-1)),
            TensorSpec.of("b", DType.FLOAT32, Shape.of(-1)),
            TensorSpec.of("c", DType.FLOAT32, Shape.of(-1)));
    Tensor pair = runs.floats(Shape.of(2), 1, 2);
    Batch batch = runs.run(model, pair, runs.floats(Shape.of(2), 3, Float.NaN), pair);
    assertThat(batch.output(0).shape()).isEqualTo(Shape.of(2, 3));
    assertThat(StepRuns.floats(batch.output(0))).containsExactly(1, 3, 1, 2, Float.NaN, 2);
    assertThatThrownBy(() -> runs.run(model, pair, pair, runs.floats(Shape.of(1), 1)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("input \"c\": 1 values (expected: 2, as \"a\" has)");
  }

  @Test
  void namesThatDoNotFitTheModelsRowsAreRefused() {
    assertRefused(
        new EchoModel(X),
        new StepSpec.Columns(List.of("a", "b"), "x"),
        true,
        "inputs: 2 names (expected: one for each column of \"x\", which is [-1,3])");
    TensorSpec open = TensorSpec.of("x", DType.FLOAT64, Shape.of(-1, -1));
    assertRefused(new EchoModel(open), new StepSpec.Columns(List.of(), "x"), true, "inputs: 0");
    TensorSpec cube = TensorSpec.of("x", DType.FLOAT32, Shape.of(-1, 3, 1));
    assertRefused(
        new EchoModel(cube),
        new StepSpec.Columns(List.of("a"), "x"),
        true,
        "tensor: \"x\" is FLOAT32[-1,3,1] (expected: FLOAT32 or FLOAT64 [n,columns])");
  }
}
