package io.salver.engine.tensorflow;

import static io.salver.engine.tensorflow.SavedModelWriter.port;
import static io.salver.engine.tensorflow.SavedModelWriter.type;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.ArrayTensor;
import io.salver.wire.ProtoWriter;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFlowEngineTest {
  private static final long SEED = 20_261_122;
  private static final String DEFAULT = Signature.DEFAULT_NAME;

  @TempDir Path directory;

  private final TensorFlowEngine engine = new TensorFlowEngine();

  private LoadedModel load(SavedModelWriter model) throws IOException, ModelLoadException {
    model.write(directory);
    return engine.load(new ModelFiles(directory), EngineOptions.DEFAULT);
  }

  @Test
  void theFileIsDescribed() throws Exception {
    SavedModelWriter.halfPlusTwo().asset("words.txt").write(directory);
    assertThat(engine.describe(new ModelFiles(directory)))
        .containsEntry("graphs", "serve")
        .containsEntry("operations", "AddV2, Const x 2, Mul, Placeholder")
        .containsEntry("assets", "words.txt");
    Files.writeString(directory.resolve("saved_model.pb"), "no model");
    assertThatThrownBy(() -> engine.describe(new ModelFiles(directory)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("not a SavedModel");
  }

  private static ArrayTensor random(DType dtype, Shape shape) {
    Random random = new Random(SEED);
    int count = (int) shape.elementCount();
    if (dtype == DType.STRING) {
      byte[][] strings = new byte[count][];
      for (int i = 0; i < count; i++) {
        strings[i] = new byte[random.nextInt(60)];
        random.nextBytes(strings[i]);
      }
      return ArrayTensor.strings(shape, strings);
    }
    byte[] bytes = new byte[count * dtype.sizeBytes()];
    random.nextBytes(bytes);
    if (dtype == DType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return new ArrayTensor(dtype, shape, bytes);
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void everyTypePassesThroughUnchanged(DType dtype) throws Exception {
    try (LoadedModel model = load(SavedModelWriter.identity(dtype));
        ArenaPool pool = new ArenaPool(1 << 24)) {
      Signature signature = ModelRun.signature(model, DEFAULT);
      assertThat(signature.inputs().getFirst().dtype()).isEqualTo(dtype);
      for (Shape shape :
          List.of(Shape.SCALAR, Shape.of(0), Shape.of(3, 0, 2), Shape.of(2, 3), Shape.of(70, 90))) {
        try (TensorArena arena = pool.take()) {
          Tensor x = random(dtype, shape).copyTo(arena);
          Batch batch = new Batch(signature, new Tensor[] {x}, null, arena, Long.MAX_VALUE);
          model.run(batch);
          Tensor y = batch.output(0);
          assertThat(y.dtype()).isEqualTo(dtype);
          assertThat(y.shape()).isEqualTo(shape);
          assertThat(bytes(y)).as("%s%s, seed %d", dtype, shape, SEED).isEqualTo(bytes(x));
          if (dtype == DType.STRING) {
            assertThat(ArrayTensor.of(x).difference(ArrayTensor.of(y), 0)).isEmpty();
          }
        }
      }
    }
  }

  @Test
  void stringsOfEveryLengthPassThroughUnchanged() throws Exception {
    int[] lengths = {0, 1, 21, 22, 23, 24, 63, 64, 100_000};
    byte[][] strings = new byte[lengths.length][];
    for (int i = 0; i < lengths.length; i++) {
      strings[i] = new byte[lengths[i]];
      Arrays.fill(strings[i], (byte) (i * 37));
    }
    ArrayTensor x = ArrayTensor.strings(Shape.of(lengths.length), strings);
    try (LoadedModel model = load(SavedModelWriter.identity(DType.STRING))) {
      assertThat(x.difference(ModelRun.output(model, DEFAULT, Map.of("x", x), "y"), 0)).isEmpty();
    }
  }

  @Test
  void stringsThatTensorFlowMakesAreRead() throws Exception {
    SavedModelWriter upper =
        new SavedModelWriter()
            .placeholder("x", DType.STRING)
            .node("y", "StringUpper", List.of("x"))
            .signature(
                DEFAULT,
                List.of(port("x", "x:0", DType.STRING)),
                List.of(port("y", "y:0", DType.STRING)));
    String lower = "a string that is longer than twenty-two bytes";
    try (LoadedModel model = load(upper)) {
      ArrayTensor x = ArrayTensor.texts(Shape.of(2), "short", lower);
      ArrayTensor y = ArrayTensor.texts(Shape.of(2), "SHORT", lower.toUpperCase(Locale.ROOT));
      assertThat(y.difference(ModelRun.output(model, DEFAULT, Map.of("x", x), "y"), 0)).isEmpty();
    }
  }

  @Test
  void halfPrecisionIsComputed() throws Exception {
    SavedModelWriter twice =
        new SavedModelWriter()
            .placeholder("x", DType.FLOAT16)
            .node("y", "AddV2", List.of("x", "x"), type("T", DType.FLOAT16))
            .signature(
                DEFAULT,
                List.of(port("x", "x:0", DType.FLOAT16)),
                List.of(port("y", "y:0", DType.FLOAT16)));
    try (LoadedModel model = load(twice)) {
      short[] x = {Float.floatToFloat16(1.5f), Float.floatToFloat16(-3)};
      ArrayTensor y =
          ModelRun.output(
              model, DEFAULT, Map.of("x", new ArrayTensor(DType.FLOAT16, Shape.of(2), x)), "y");
      assertThat((short[]) y.elements())
          .containsExactly(Float.floatToFloat16(3), Float.floatToFloat16(-6));
    }
  }

  /** A variable keeps the buffer it is assigned: it must not be a request's memory. */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "STRING"})
  void aVariableOutlivesTheRequestThatSetIt(DType dtype) throws Exception {
    try (LoadedModel model = load(SavedModelWriter.variable(dtype));
        ArenaPool pool = new ArenaPool(1 << 24)) {
      ArrayTensor value = random(dtype, Shape.of(20_000));
      TensorArena arena = pool.take();
      Tensor x = value.copyTo(arena);
      Signature set = ModelRun.signature(model, "set");
      Batch batch = new Batch(set, new Tensor[] {x}, null, arena, Long.MAX_VALUE);
      model.run(batch);
      ArrayTensor answered = ArrayTensor.of(batch.output(0));
      x.data().fill((byte) 0x7f);
      arena.close();
      ArrayTensor read = ModelRun.output(model, "get", Map.of(), "value");
      assertThat(answered.difference(read, 0)).as("seed %d", SEED).isEmpty();
    }
  }

  @Test
  void aLargeOutputIsReadableUntilTheArenaIsClosed() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(1 << 24);
        TensorArena arena = pool.take()) {
      Signature signature = ModelRun.signature(model, DEFAULT);
      List<Tensor> outputs = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        float[] x = new float[50_000];
        Arrays.fill(x, i);
        Batch batch =
            new Batch(
                signature,
                new Tensor[] {ArrayTensor.floats(x).copyTo(arena)},
                new boolean[] {false, true},
                arena,
                Long.MAX_VALUE);
        model.run(batch);
        outputs.add(batch.output(1));
      }
      for (int i = 0; i < 20; i++) {
        assertThat(outputs.get(i).getFloat(49_999)).isEqualTo(i / 2f + 2);
      }
    }
  }

  @Test
  void onlyOutputsThatAreWantedAreSet() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(1 << 20);
        TensorArena arena = pool.take()) {
      Signature signature = ModelRun.signature(model, DEFAULT);
      Tensor[] inputs = {ArrayTensor.floats(4).copyTo(arena)};
      Batch batch =
          new Batch(signature, inputs, new boolean[] {false, true}, arena, Long.MAX_VALUE);
      model.run(batch);
      assertThat(batch.output(1).getFloat(0)).isEqualTo(4);
      assertThatThrownBy(() -> batch.output(0)).isInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void tensorsInTheMiddleOfTheGraphAreFed() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      ArrayTensor y =
          ModelRun.output(model, "from_the_middle", Map.of("ax", ArrayTensor.floats(1, 5)), "y");
      assertThat(ArrayTensor.floats(3, 7).difference(y, 0)).isEmpty();
    }
  }

  @Test
  void signaturesMadeOfTheModelsTensorsAreRun() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      TensorSpec x = ModelRun.signature(model, DEFAULT).inputs().getFirst();
      TensorSpec y = ModelRun.signature(model, "from_the_middle").outputs().getFirst();
      for (int i = 0; i < 600; i++) {
        Signature merged = new Signature("merged" + i, "", List.of(x), List.of(y));
        ArrayTensor answer =
            ModelRun.output(ModelRun.run(model, merged, Map.of("x", ArrayTensor.floats(i))), "y");
        assertThat(ArrayTensor.floats(i / 2f + 2).difference(answer, 0)).isEmpty();
      }
    }
  }

  @Test
  void signaturesOfOtherTensorsAreRefused() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      TensorSpec x = ModelRun.signature(model, DEFAULT).inputs().getFirst();
      TensorSpec z = new TensorSpec("z", DType.FLOAT32, Shape.of(-1), "y:3", false);
      Signature signature = new Signature("other", "", List.of(x), List.of(z));
      assertRefused(
          () -> ModelRun.run(model, signature, Map.of("x", ArrayTensor.floats(1))),
          Category.UNIMPLEMENTED,
          "\"y:3\" (expected: a tensor of the graph)");
    }
  }

  private static void assertRefused(ThrowingCallable call, Category category, String message) {
    ServingException refusal = catchThrowableOfType(ServingException.class, call);
    assertThat(refusal).hasMessageContaining(message);
    assertThat(refusal.category()).isEqualTo(category);
  }

  @Test
  void manyThreadsRunOneModel() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo());
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      Signature signature = ModelRun.signature(model, DEFAULT);
      List<Callable<Long>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int offset = t * 1000;
        tasks.add(() -> countWrongAnswers(model, signature, offset));
      }
      for (Future<Long> wrong : threads.invokeAll(tasks)) {
        assertThat(wrong.get()).isZero();
      }
    }
  }

  private static long countWrongAnswers(LoadedModel model, Signature signature, int offset) {
    long wrong = 0;
    try (ArenaPool pool = new ArenaPool(1 << 20)) {
      for (int i = 0; i < 2000; i++) {
        try (TensorArena arena = pool.take()) {
          Tensor[] inputs = {ArrayTensor.floats(offset + i, -i).copyTo(arena)};
          Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
          model.run(batch);
          Tensor y = batch.output(1);
          wrong += y.getFloat(0) == (offset + i) / 2f + 2 && y.getFloat(1) == -i / 2f + 2 ? 0 : 1;
        }
      }
    }
    return wrong;
  }

  @Test
  void aDeadlineThatHasPassedIsNotRun() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo());
        ArenaPool pool = new ArenaPool(1 << 20);
        TensorArena arena = pool.take()) {
      Tensor[] inputs = {ArrayTensor.floats(1).copyTo(arena)};
      Signature signature = ModelRun.signature(model, DEFAULT);
      Batch batch = new Batch(signature, inputs, null, arena, System.nanoTime() - 1);
      assertRefused(() -> model.run(batch), Category.DEADLINE_EXCEEDED, "deadline passed");
    }
  }

  @Test
  void anInputThatIsMissingOrOfAnotherTypeIsRefused() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      assertRefused(
          () -> ModelRun.run(model, DEFAULT, Map.of()),
          Category.INVALID_ARGUMENT,
          "input: \"x\" is missing");
      assertRefused(
          () -> ModelRun.run(model, DEFAULT, Map.of("x", ArrayTensor.longs(Shape.of(1), 1))),
          Category.INVALID_ARGUMENT,
          "input: \"x\" is INT64[1] (expected: FLOAT32)");
    }
  }

  /** TensorFlow would end the process. */
  @Test
  void shapesThatTensorFlowDoesNotBearAreRefused() throws Exception {
    List<Shape> shapes =
        List.of(
            Shape.of(1L << 40, 1L << 40, 0),
            Shape.of(0, Long.MAX_VALUE, 3),
            Shape.of(new long[255]),
            Shape.of(Arrays.stream(new long[255]).map(d -> 1).toArray()));
    for (DType dtype : List.of(DType.FLOAT32, DType.STRING)) {
      try (LoadedModel model = load(SavedModelWriter.identity(dtype))) {
        for (Shape shape : shapes) {
          ArrayTensor x = random(dtype, shape);
          assertRefused(
              () -> ModelRun.run(model, DEFAULT, Map.of("x", x)),
              Category.INVALID_ARGUMENT,
              "input: \"x\" has the shape " + shape);
        }
        ArrayTensor deep =
            random(dtype, Shape.of(Arrays.stream(new long[254]).map(d -> 1).toArray()));
        assertThat(ModelRun.run(model, DEFAULT, Map.of("x", deep))).containsKey("y");
      }
    }
  }

  @Test
  void whatTensorFlowRefusesIsTheCallersFaultAndSaysSoInOneLine() throws Exception {
    SavedModelWriter sum =
        new SavedModelWriter()
            .placeholder("a", DType.FLOAT32)
            .placeholder("b", DType.FLOAT32)
            .node("y", "AddV2", List.of("a", "b"), type("T", DType.FLOAT32))
            .signature(
                DEFAULT,
                List.of(port("a", "a:0", DType.FLOAT32), port("b", "b:0", DType.FLOAT32)),
                List.of(port("y", "y:0", DType.FLOAT32)));
    try (LoadedModel model = load(sum)) {
      Map<String, ArrayTensor> inputs =
          Map.of("a", ArrayTensor.floats(1, 2), "b", ArrayTensor.floats(1, 2, 3));
      ServingException refusal =
          catchThrowableOfType(ServingException.class, () -> ModelRun.run(model, DEFAULT, inputs));
      assertThat(refusal.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(refusal.getMessage()).isEqualTo("Incompatible shapes: [2] vs. [3]");
    }
  }

  @Test
  void aMissingOperationIsNamed() throws Exception {
    SavedModelWriter custom =
        new SavedModelWriter()
            .node("y", "NobodyHasThisOp", List.of())
            .signature(DEFAULT, List.of(), List.of(port("y", "y:0", DType.FLOAT32)));
    assertThatThrownBy(() -> load(custom))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("needs the operation \"NobodyHasThisOp\"")
        .hasMessageContaining("TensorFlow 2.18");
  }

  @Test
  void otherTagsAreListed() throws Exception {
    assertThatThrownBy(() -> load(SavedModelWriter.halfPlusTwo().tags("train", "gpu")))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("[[gpu, train]] (expected: one with the tag \"serve\" alone)");
  }

  @Test
  void aSparseInputIsListedAndRefusedWhenItIsCalled() throws Exception {
    ProtoWriter sparse =
        new ProtoWriter()
            .message(4, new ProtoWriter().string(1, "x:0").string(2, "x:0").string(3, "x:0"))
            .int64(2, 1)
            .message(3, SavedModelWriter.shapeProto(-1, 4));
    SavedModelWriter model =
        SavedModelWriter.halfPlusTwo()
            .signature(
                "sparse",
                List.of(new SavedModelWriter.Port("x", sparse)),
                List.of(port("y", "y:0", DType.FLOAT32)));
    try (LoadedModel loaded = load(model)) {
      assertThat(loaded.signatures()).containsKeys("sparse", DEFAULT);
      assertRefused(
          () -> ModelRun.run(loaded, "sparse", Map.of("x", ArrayTensor.floats(1))),
          Category.UNIMPLEMENTED,
          "input: \"x\" is a sparse or composite tensor (expected: dense)");
      assertThat(ModelRun.run(loaded, DEFAULT, Map.of("x", ArrayTensor.floats(1)))).isNotEmpty();
    }
  }

  @Test
  void signaturesThatCannotBeCarriedAreLeftOutAndExplained() throws Exception {
    SavedModelWriter model =
        SavedModelWriter.halfPlusTwo()
            .node("q", "Placeholder", List.of(), type("dtype", 12))
            .signature("quantized", List.of(port("q", "q:0", 12)), List.of())
            .signature("elsewhere", List.of(), List.of(port("y", "nowhere:0", DType.FLOAT32)));
    try (LoadedModel loaded = load(model)) {
      assertThat(loaded.signatures()).containsOnlyKeys(DEFAULT, "from_the_middle");
      String refused =
          new String(
              loaded.metadata(TensorFlowEngine.REFUSED_SIGNATURES).orElseThrow(),
              StandardCharsets.UTF_8);
      assertThat(refused.lines())
          .containsExactly(
              "elsewhere: output: \"y\" is \"nowhere:0\" (expected: a tensor of the graph)",
              "quantized: input: \"q\" is of the type QUINT8 (expected: one of numbers, booleans"
                  + " or strings)");
    }
  }

  @Test
  void aModelThatCannotBeCalledAtAllIsRefused() throws Exception {
    SavedModelWriter model =
        new SavedModelWriter()
            .node("q", "Placeholder", List.of(), type("dtype", 12))
            .signature(DEFAULT, List.of(port("q", "q:0", 12)), List.of());
    assertThatThrownBy(() -> load(model))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("QUINT8")
        .hasMessageContaining("expected: at least one that can be called");
  }

  @Test
  void anInputWithADefaultMayBeLeftOut() throws Exception {
    ProtoWriter defaults =
        new ProtoWriter()
            .message(4, new ProtoWriter().string(1, "x").message(2, SavedModelWriter.scalar(10)));
    SavedModelWriter model =
        SavedModelWriter.halfPlusTwo()
            .signature(
                "defaulted",
                List.of(port("x", "x:0", DType.FLOAT32)),
                List.of(port("y", "y:0", DType.FLOAT32)),
                defaults);
    try (LoadedModel loaded = load(model)) {
      assertThat(ModelRun.signature(loaded, "defaulted").inputs().getFirst().optional()).isTrue();
      assertThat(ModelRun.signature(loaded, DEFAULT).inputs().getFirst().optional()).isFalse();
      ArrayTensor y = ModelRun.output(loaded, "defaulted", Map.of(), "y");
      assertThat(ArrayTensor.floats(Shape.SCALAR, 7).difference(y, 0)).isEmpty();
    }
  }

  @Test
  void metadataHoldsTheSignaturesAsTheyAreInTheFile() throws Exception {
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      byte[] map = model.metadata(TensorFlowEngine.SIGNATURE_DEF).orElseThrow();
      ProtoWriter info = port("y", "y", DType.FLOAT32).info();
      assertThat(new String(map, StandardCharsets.ISO_8859_1))
          .contains("from_the_middle")
          .contains(new String(info.toByteArray(), StandardCharsets.ISO_8859_1));
      assertThat(model.metadata("no such key")).isEmpty();
      assertThat(model.metadata(TensorFlowEngine.MLMD_UUID)).isEmpty();
    }
  }

  @Test
  void theUuidOfMlMetadataIsReadable() throws Exception {
    Path extra = Files.createDirectories(directory.resolve("assets.extra"));
    Files.writeString(extra.resolve("mlmd_uuid"), "a uuid");
    try (LoadedModel model = load(SavedModelWriter.halfPlusTwo())) {
      assertThat(model.metadata(TensorFlowEngine.MLMD_UUID))
          .hasValue("a uuid".getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"saved_model.pbtxt", "export", "export.meta"})
  void formatsThatAreNotSupportedAreRefusedByName(String file) throws Exception {
    Files.writeString(directory.resolve(file), "whatever");
    assertThatThrownBy(() -> engine.load(new ModelFiles(directory), EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining(file + " (expected: saved_model.pb)");
  }

  @Test
  void aFileThatIsNoSavedModelIsRefused() throws Exception {
    Files.writeString(directory.resolve("saved_model.pb"), "no protobuf at all, but long enough");
    assertThatThrownBy(() -> engine.load(new ModelFiles(directory), EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("saved_model.pb: not a SavedModel");
  }

  @Test
  void threadsOfItsOwnAreUsedWhenAsked() throws Exception {
    SavedModelWriter.halfPlusTwo().write(directory);
    try (LoadedModel model = engine.load(new ModelFiles(directory), new EngineOptions(2, 2))) {
      ArrayTensor y = ModelRun.output(model, DEFAULT, Map.of("x", ArrayTensor.floats(2)), "y");
      assertThat(ArrayTensor.floats(3).difference(y, 0)).isEmpty();
    }
  }
}
