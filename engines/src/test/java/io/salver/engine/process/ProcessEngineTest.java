package io.salver.engine.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Batch;
import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
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
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in Python, with the helper file. */
@Timeout(120)
class ProcessEngineTest {
  private static final String DOUBLE =
      """
      from salver_worker import serve

      def predict(x):
          return {"y": x * 2}

      serve(predict, inputs={"x": ("float32", [-1, 3])}, outputs={"y": ("float32", [-1, 3])})
      """;

  private final ProcessEngine engine =
      new ProcessEngine(
          files -> FileWorkers.find(files, WorkerSpec.DEFAULT, Python.PATH), Map.of());
  private final ArenaPool pool = new ArenaPool(1L << 30);

  @TempDir Path temporary;

  @BeforeAll
  static void needsNumpy() {
    Python.require("numpy");
  }

  @AfterEach
  void close() {
    engine.close();
    pool.close();
  }

  private ModelFiles version(String script) throws IOException {
    Path version = Files.createDirectories(temporary.resolve("model/1"));
    Files.writeString(version.resolve("model.py"), script);
    return new ModelFiles(version);
  }

  private LoadedModel load(String script) throws IOException, ModelLoadException {
    ModelFiles files = version(script);
    assertThat(engine.inspect(files)).isInstanceOf(Inspection.Ready.class);
    return engine.load(files, EngineOptions.DEFAULT);
  }

  private static Batch run(LoadedModel model, TensorArena arena, Tensor... inputs) {
    Signature signature = model.signatures().values().iterator().next();
    Batch batch = new Batch(signature, inputs, null, arena, Long.MAX_VALUE);
    model.run(batch);
    return batch;
  }

  private static Tensor floats(TensorArena arena, Shape shape, long seed) {
    Tensor tensor = arena.allocate(DType.FLOAT32, shape);
    Random random = new Random(seed);
    for (long i = 0; i < tensor.elementCount(); i++) {
      tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat());
    }
    return tensor;
  }

  @Test
  void aFunctionIsServedWithSmallAndWithLargeTensors() throws Exception {
    try (LoadedModel model = load(DOUBLE)) {
      assertThat(model.signatures().get(Signature.DEFAULT_NAME))
          .hasToString(
              "serving_default[TensorSpec[name=x, dtype=FLOAT32, shape=[-1,3], nativeName=x,"
                  + " optional=false]] -> [TensorSpec[name=y, dtype=FLOAT32, shape=[-1,3],"
                  + " nativeName=y, optional=false]]");
      assertThat(model.workers()).isEqualTo(1);
      for (int rows : new int[] {1, 0, 7, 5_461, 5_462, 100_000, 100_000, 3, 300_000, 300_000}) {
        try (TensorArena arena = pool.take()) {
          Tensor x = floats(arena, Shape.of(rows, 3), rows);
          Tensor y = run(model, arena, x).output(0);
          assertThat(y.shape()).isEqualTo(x.shape());
          for (long i = 0; i < x.elementCount(); i++) {
            if (y.getFloat(i) != 2 * x.getFloat(i)) {
              assertThat(y.getFloat(i)).as("%d of %d rows", i, rows).isEqualTo(2 * x.getFloat(i));
            }
          }
        }
      }
    }
  }

  @Test
  void tellsTheCpuTimeOfItsWorkerAndGoesOnToWhenThatHasEnded() throws Exception {
    LoadedModel model = load(DOUBLE);
    long loadedNs = model.workerCpuNs();
    assertThat(loadedNs).as("to start Python, import numpy").isPositive();
    model.close();
    assertThat(model.workerCpuNs()).isGreaterThanOrEqualTo(loadedNs);
  }

  @Test
  void stringsAndEveryNumberComeBackAsTheyWent() throws Exception {
    String script =
        """
        from salver_worker import serve

        TYPES = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 float16 bfloat16" \\
            " float32 float64 complex64 complex128 string"
        specs = {"t_" + name: (name, None) for name in TYPES.split()}
        serve(lambda **inputs: inputs, specs, specs)
        """;
    try (LoadedModel model = load(script);
        TensorArena arena = pool.take()) {
      Signature signature = model.signatures().get(Signature.DEFAULT_NAME);
      Tensor[] inputs = new Tensor[DType.values().length];
      for (DType dtype : DType.values()) {
        assertThat(signature.inputs().get(dtype.ordinal()).dtype()).isEqualTo(dtype);
        inputs[dtype.ordinal()] =
            dtype == DType.STRING
                ? strings(arena, "", "é\0x", "y".repeat(100_000))
                : arena.allocate(dtype, Shape.of(2, 1, 3)).rows(0, 2);
        if (dtype != DType.STRING) {
          inputs[dtype.ordinal()].data().fill((byte) 1);
        }
      }
      Batch batch = run(model, arena, inputs);
      for (DType dtype : DType.values()) {
        Tensor in = inputs[dtype.ordinal()];
        Tensor out = batch.output(dtype.ordinal());
        assertThat(out).hasToString(in.toString());
        if (dtype == DType.STRING) {
          for (int i = 0; i < 3; i++) {
            assertThat(out.getUtf8(i)).isEqualTo(in.getUtf8(i));
          }
        } else {
          assertThat(out.data().mismatch(in.data())).as("%s", dtype).isEqualTo(-1);
        }
      }
    }
  }

  private static Tensor strings(TensorArena arena, String... elements) {
    var builder = new io.salver.tensor.StringTensorBuilder(arena, elements.length, 16);
    for (String element : elements) {
      builder.add(element.getBytes(StandardCharsets.UTF_8));
    }
    return builder.build(Shape.of(elements.length));
  }

  @Test
  void onlyWhatIsWantedIsComputed() throws Exception {
    String script =
        """
        from salver_worker import serve

        def fail():
            raise RuntimeError("not wanted")

        serve(lambda x: {"a": x, "b": fail}, {"x": ("float32", [-1])},
              {"a": ("float32", [-1]), "b": ("float32", [-1])})
        """;
    try (LoadedModel model = load(script);
        TensorArena arena = pool.take()) {
      Signature signature = model.signatures().get(Signature.DEFAULT_NAME);
      Tensor[] inputs = {floats(arena, Shape.of(2), 1)};
      Batch batch =
          new Batch(signature, inputs, new boolean[] {true, false}, arena, Long.MAX_VALUE);
      model.run(batch);
      assertThat(batch.isSet(0)).isTrue();
      assertThat(batch.isSet(1)).isFalse();
      assertThatThrownBy(() -> run(model, arena, inputs))
          .hasMessage("RuntimeError: not wanted")
          .extracting(e -> ((ServingException) e).category())
          .isEqualTo(Category.INTERNAL);
    }
  }

  @Test
  void whatTheCallerDidWrongIsTheCallersFault() throws Exception {
    String script =
        """
        from salver_worker import InvalidInput, serve

        def predict(x):
            if x.max() > 0.5:
                raise InvalidInput("x: %s (expected: at most 0.5)" % x.max())
            return x

        serve(predict, {"x": ("float32", [-1, 2])}, {"y": ("float32", [-1, 2])})
        """;
    try (LoadedModel model = load(script);
        TensorArena arena = pool.take()) {
      Tensor x = arena.allocate(DType.FLOAT32, Shape.of(1, 2));
      x.data().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 0.75f);
      x.data().setAtIndex(ValueLayout.JAVA_FLOAT, 1, 0);
      assertThatThrownBy(() -> run(model, arena, x))
          .hasMessage("x: 0.75 (expected: at most 0.5)")
          .extracting(e -> ((ServingException) e).category())
          .isEqualTo(Category.INVALID_ARGUMENT);
      assertThatThrownBy(() -> run(model, arena, floats(arena, Shape.of(1, 3), 1)))
          .hasMessage("input \"x\": float32[1, 3] (expected: float32[-1, 2])")
          .extracting(e -> ((ServingException) e).category())
          .isEqualTo(Category.INVALID_ARGUMENT);
      x.data().fill((byte) 0);
      assertThat(run(model, arena, x).output(0).getFloat(1)).isZero();
    }
  }

  @Test
  void aPickleIsRefusedUntilItIsAllowed() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("model/1"));
    Files.write(version.resolve("model.pkl"), new byte[] {1});
    ModelFiles files = new ModelFiles(version);
    assertThat(engine.inspect(files)).isInstanceOf(Inspection.Ready.class);
    assertThatThrownBy(() -> engine.load(files, EngineOptions.DEFAULT))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.pkl: a pickle is code")
        .hasMessageContaining("expected: \"worker: {allow_pickle: true}\" in model.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.py", "model.pkl", "model.joblib"})
  void moreConnectionsThanTheHelperOpensAreRefused(String file) throws Exception {
    ModelFiles files = new ModelFiles(temporary);
    Files.write(temporary.resolve(file), new byte[] {1});
    WorkerSpec d = WorkerSpec.DEFAULT;
    WorkerSpec spec =
        new WorkerSpec(
            List.of(),
            Map.of(),
            WorkerSpec.SALVER,
            1,
            2,
            d.startTimeout(),
            d.runLimit(),
            d.deadlineGrace(),
            true,
            0,
            Optional.empty());
    assertThatThrownBy(() -> FileWorkers.find(files, spec, Python.PATH))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("worker.connections: 2 (expected: 1, as salver_worker opens one)");
    WorkerSpec own = spec.withCommand(List.of("own"));
    assertThat(FileWorkers.find(files, own, Python.PATH)).contains(own);
  }

  @Test
  void anotherDirectoryIsNotItsOwn() {
    assertThat(engine.inspect(new ModelFiles(temporary))).isEqualTo(new Inspection.NotMine());
  }
}
