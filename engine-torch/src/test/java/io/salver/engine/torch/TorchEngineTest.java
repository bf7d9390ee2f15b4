package io.salver.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.DType;
import io.salver.tensor.Shape;
import io.salver.tensor.TensorSpec;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modules that the test writes. */
class TorchEngineTest {
  private static final long SEED = 20_261_127;
  private static final int THREADS = 4;

  @TempDir Path model;

  private static ServingException refused(LoadedModel model, TensorData... inputs) {
    try {
      Runs.once(model, inputs);
    } catch (ServingException e) {
      return e;
    }
    throw new AssertionError("was not refused");
  }

  private void config(String text) throws Exception {
    Files.writeString(model.resolve("config.pbtxt"), text);
  }

  @Test
  void numbersAreTakenFromTensorsOfOneElement() throws Exception {
    String code =
        """
        def forward(self, x, n: int, f: float, b: bool, o: Optional[Tensor], d: int = 5):
            y = x * n + f + d
            if b:
                y = -y
            if o is not None:
                y = y + o
            return y, n + d, f, b
        """;
    try (LoadedModel loaded = Scripts.load(model, code)) {
      assertThat(Runs.signature(loaded).inputs())
          .extracting(TensorSpec::name, TensorSpec::dtype, TensorSpec::optional)
          .containsExactly(
              tuple("x", DType.FLOAT32, false),
              tuple("n", DType.INT64, false),
              tuple("f", DType.FLOAT64, false),
              tuple("b", DType.BOOL, false),
              tuple("o", DType.FLOAT32, true),
              tuple("d", DType.INT64, true));
      assertThat(Runs.signature(loaded).outputs())
          .extracting(TensorSpec::dtype, TensorSpec::shape)
          .containsExactly(
              tuple(DType.FLOAT32, Shape.UNKNOWN_RANK),
              tuple(DType.INT64, Shape.SCALAR),
              tuple(DType.FLOAT64, Shape.SCALAR),
              tuple(DType.BOOL, Shape.SCALAR));
      TensorData x = TensorData.floats("x", Shape.of(2), 1, 2);
      TensorData n = TensorData.longs("n", Shape.of(1), 3);
      TensorData f = TensorData.numbers("f", DType.FLOAT64, Shape.SCALAR, 0.5);
      TensorData b = TensorData.numbers("b", DType.BOOL, Shape.SCALAR, 1);
      Map<String, TensorData> outputs = Runs.once(loaded, x, n, f, b);
      assertThat(Runs.numbers(outputs.get("OUTPUT__0"))).containsExactly(-8.5, -11.5);
      assertThat(outputs.get("OUTPUT__1").number(0)).isEqualTo(8);
      assertThat(outputs.get("OUTPUT__2").number(0)).isEqualTo(0.5);
      assertThat(outputs.get("OUTPUT__3").number(0)).isEqualTo(1);
      TensorData o = TensorData.floats("o", Shape.SCALAR, 100);
      TensorData d = TensorData.longs("d", Shape.SCALAR, -1);
      assertThat(Runs.numbers(Runs.once(loaded, x, n, f, b, o, d).get("OUTPUT__0")))
          .containsExactly(97.5, 94.5);
      ServingException many = refused(loaded, x, TensorData.longs("n", Shape.of(2), 3, 4), f, b);
      assertThat(many.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(many).hasMessageContaining("input \"n\": INT64[2] (expected: one element");
      assertThat(refused(loaded, x)).hasMessageContaining("input \"n\": missing");
    }
  }

  @Test
  void outputsWithinEachOtherAreCountedThrough() throws Exception {
    String code = "def forward(self, x):\n    return x, (x + 1, (x.t(), x[:, :0])), x > 2\n";
    config(
        """
        output { name: "mask__4" data_type: TYPE_BOOL dims: [ -1, -1 ] }
        output { name: "turned__2" data_type: TYPE_FP32 dims: [ -1, -1 ] }
        output { name: "nothing__3" data_type: TYPE_FP32 dims: [ -1, -1 ] }
        """);
    try (LoadedModel loaded = Scripts.load(model, code)) {
      Map<String, TensorData> outputs =
          Runs.once(loaded, TensorData.floats("x", Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
      assertThat(outputs.get("turned__2").shape()).isEqualTo(Shape.of(3, 2));
      assertThat(Runs.numbers(outputs.get("turned__2"))).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(outputs.get("nothing__3").shape()).isEqualTo(Shape.of(2, 0));
      assertThat(Runs.numbers(outputs.get("mask__4"))).containsExactly(0, 0, 1, 1, 1, 1);
    }
  }

  @Test
  void listsAndDictionariesNeedOutputsThatAreDeclared() throws Exception {
    String list = "def forward(self, x):\n    return [x, x + 1]\n";
    assertThatThrownBy(() -> Scripts.load(model, list))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("config.pbtxt");
    config(
        "output { name: \"a\" data_type: TYPE_FP32 dims: 1 }"
            + " output { name: \"b\" data_type: TYPE_FP32 dims: 1 }");
    TensorData x = TensorData.floats("x", Shape.of(1), 1);
    try (LoadedModel loaded = Scripts.load(model, list)) {
      assertThat(Runs.once(loaded, x).get("b").number(0)).isEqualTo(2);
    }
    String dictionary = "def forward(self, x):\n    return {'b': x, 'a': x + 1}\n";
    try (LoadedModel loaded = Scripts.load(model, dictionary)) {
      assertThat(Runs.once(loaded, x).get("b").number(0)).isEqualTo(1);
      assertThat(Runs.once(loaded, x).get("a").number(0)).isEqualTo(2);
    }
    config("output { name: \"c\" data_type: TYPE_FP32 dims: 1 }");
    try (LoadedModel loaded = Scripts.load(model, dictionary)) {
      assertThat(refused(loaded, x).category()).isEqualTo(Category.INTERNAL);
    }
  }

  /** What {@code torch.jit.trace} puts into the archive tells types and shapes. */
  @Test
  void aTracedModelKnowsItsTypesAndShapes() throws Exception {
    String code =
        "def forward(self, x, y):\n    return {'sum': x + y, 'best': (x + y).argmax(1)}\n";
    Path version = Scripts.write(model, code, new long[] {1, 3}, new long[] {1, 3});
    try (LoadedModel loaded = Scripts.load(version)) {
      assertThat(Runs.signature(loaded).inputs())
          .extracting(TensorSpec::shape)
          .containsExactly(Shape.of(-1, 3), Shape.of(-1, 3));
      assertThat(Runs.signature(loaded).outputs())
          .extracting(TensorSpec::name, TensorSpec::dtype, TensorSpec::shape)
          .containsExactly(
              tuple("sum", DType.FLOAT32, Shape.of(-1, 3)),
              tuple("best", DType.INT64, Shape.of(-1)));
      Map<String, TensorData> outputs =
          Runs.once(
              loaded,
              TensorData.floats("x", Shape.of(2, 3), 1, 2, 3, 9, 5, 6),
              TensorData.floats("y", Shape.of(2, 3), 1, 1, 1, 1, 1, 1));
      assertThat(Runs.numbers(outputs.get("best"))).containsExactly(2, 0);
    }
  }

  @Test
  void inputsAreFoundByNameByNumberAndByOrder() throws Exception {
    String code = "def forward(self, a, b):\n    return a - b\n";
    Path version = Scripts.write(model, code);
    for (String[] names : new String[][] {{"b", "a"}, {"IN__1", "IN__0"}, {"second", "first"}}) {
      config(
          "input { name: \"%s\" data_type: TYPE_INT32 dims: [ 2 ] }".formatted(names[0])
              + " input { name: \"%s\" data_type: TYPE_INT32 dims: [ 2 ] }".formatted(names[1])
              + " output { name: \"d\" data_type: TYPE_INT32 dims: [ 2 ] }");
      boolean inOrder = names[0].equals("second");
      try (LoadedModel loaded = Scripts.load(version)) {
        TensorData b = TensorData.numbers(names[0], DType.INT32, Shape.of(2), 1, 2);
        TensorData a = TensorData.numbers(names[1], DType.INT32, Shape.of(2), 10, 20);
        assertThat(Runs.numbers(Runs.once(loaded, a, b).get("d")))
            .as(names[0])
            .containsExactly(inOrder ? -9 : 9, inOrder ? -18 : 18);
      }
    }
    config("input { name: \"IN__7\" data_type: TYPE_INT32 dims: [ 2 ] }");
    assertThatThrownBy(() -> Scripts.load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("input \"IN__7\" (expected: one of forward's arguments [a, b]");
    config("input { name: \"a\" data_type: TYPE_STRING dims: [ 2 ] }");
    assertThatThrownBy(() -> Scripts.load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("config.pbtxt")
        .hasMessageContaining("data_type: TYPE_STRING");
    config("output { name: \"o__1\" data_type: TYPE_FP32 dims: [ 2 ] }");
    assertThatThrownBy(() -> Scripts.load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("output \"o__1\" as number 1 (expected: below 1");
  }

  @Test
  void everyTypeGoesThroughAsItIs() throws Exception {
    String code = "def forward(self, x):\n    return x.clone()\n";
    Path version = Scripts.write(model, code);
    Map<String, DType> types =
        Map.of(
            "BOOL",
            DType.BOOL,
            "UINT8",
            DType.UINT8,
            "INT8",
            DType.INT8,
            "INT16",
            DType.INT16,
            "INT32",
            DType.INT32,
            "INT64",
            DType.INT64,
            "FP16",
            DType.FLOAT16,
            "BF16",
            DType.BFLOAT16,
            "FP32",
            DType.FLOAT32,
            "FP64",
            DType.FLOAT64);
    for (String type : types.keySet()) {
      config(
          "input { name: \"x\" data_type: TYPE_%s dims: [ -1 ] }".formatted(type)
              + " output { name: \"y\" data_type: TYPE_%s dims: [ -1 ] }".formatted(type));
      TensorData x = TensorData.random("x", types.get(type), Shape.of(5), SEED);
      try (LoadedModel loaded = Scripts.load(version)) {
        TensorData y = Runs.once(loaded, x).get("y");
        assertThat(y.dtype()).isEqualTo(x.dtype());
        assertThat((byte[]) y.elements()).as(type).isEqualTo((byte[]) x.elements());
      }
    }
  }

  @Test
  void whatTheCodeFailsOverIsTheCallersFault() throws Exception {
    String code =
        """
        def forward(self, x, y):
            assert x.size(0) != 3, "three is too many"
            return x @ y
        """;
    try (LoadedModel loaded = Scripts.load(model, code)) {
      TensorData y = TensorData.floats("y", Shape.of(2), 1, 1);
      ServingException shapes =
          refused(loaded, TensorData.floats("x", Shape.of(1, 4), 1, 2, 3, 4), y);
      assertThat(shapes.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(shapes.getMessage()).contains("size mismatch").doesNotContain("\n");
      ServingException raised = refused(loaded, TensorData.floats("x", Shape.of(3), 1, 2, 3), y);
      assertThat(raised.category()).isEqualTo(Category.INVALID_ARGUMENT);
      assertThat(raised).hasMessageContaining("three is too many");
      assertThat(
              Runs.once(loaded, TensorData.floats("x", Shape.of(2), 2, 3), y)
                  .get("OUTPUT__0")
                  .number(0))
          .isEqualTo(5);
    }
  }

  @Test
  void anOutputOfAnotherTypeThanIsDeclaredIsNoAnswer() throws Exception {
    String code = "def forward(self, x):\n    return x.argmax()\n";
    try (LoadedModel loaded = Scripts.load(model, code)) {
      ServingException failure = refused(loaded, TensorData.floats("x", Shape.of(2), 1, 2));
      assertThat(failure.category()).isEqualTo(Category.INTERNAL);
      assertThat(failure)
          .hasMessageContaining("output \"OUTPUT__0\": INT64 (expected: FLOAT32;")
          .hasMessageContaining("config.pbtxt");
    }
  }

  @Test
  void codeThatAssignsHasAStateAndRunsAlone() throws Exception {
    String code =
        """
        def forward(self, x):
            self.count = self.count + 1
            return x + self.count
        """;
    try (LoadedModel loaded = Scripts.load(model, code)) {
      assertThat(loaded.isConcurrent()).isFalse();
      TensorData x = TensorData.floats("x", Shape.of(1), 0);
      for (int i = 1; i <= 3; i++) {
        assertThat(Runs.once(loaded, x).get("OUTPUT__0").number(0)).isEqualTo(i);
      }
    }
  }

  @Test
  void argumentsThatNoTensorStandsForNeedADefault() throws Exception {
    String needed = "def forward(self, x: List[Tensor]):\n    return x[0]\n";
    assertThatThrownBy(() -> Scripts.load(model, needed))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("argument \"x\" of type List[Tensor]");
    String left = "def forward(self, x, how: str = 'plus'):\n    return x + len(how)\n";
    try (LoadedModel loaded = Scripts.load(model, left)) {
      assertThat(Runs.signature(loaded).inputs()).hasSize(1);
      assertThat(
              Runs.once(loaded, TensorData.floats("x", Shape.of(1), 1)).get("OUTPUT__0").number(0))
          .isEqualTo(5);
    }
  }

  /** And threads of its own are none: each caller does its own work. */
  @Test
  void fourThreadsAtOnceAnswerAsOne() throws Exception {
    String code = "def forward(self, x, y):\n    return torch.relu(x @ y).sum(1)\n";
    Path version = Scripts.write(model, code);
    try (LoadedModel loaded = Scripts.load(version)) {
      assertThat(loaded.isConcurrent()).isTrue();
      Random random = new Random(SEED);
      List<TensorData[]> inputs = new ArrayList<>();
      List<double[]> expected = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int rows = 1 + random.nextInt(64);
        TensorData x =
            TensorData.random("x", DType.FLOAT32, Shape.of(rows, 200), random.nextLong());
        TensorData y = TensorData.random("y", DType.FLOAT32, Shape.of(200, 50), random.nextLong());
        inputs.add(new TensorData[] {x, y});
        expected.add(Runs.numbers(Runs.once(loaded, x, y).get("OUTPUT__0")));
      }
      long threadsBefore = threads();
      Callable<Void> work =
          () -> {
            for (int i = 0; i < 320; i++) {
              int which = i % inputs.size();
              Map<String, TensorData> outputs = Runs.once(loaded, inputs.get(which));
              assertThat(Runs.numbers(outputs.get("OUTPUT__0")))
                  .as("seed %d, run %d", SEED, i)
                  .isEqualTo(expected.get(which));
            }
            return null;
          };
      try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
        for (Future<Void> done : executor.invokeAll(List.of(work, work, work, work))) {
          done.get();
        }
        assertThat(threads() - threadsBefore).isLessThanOrEqualTo(THREADS + 3);
      }
    }
  }

  private static long threads() throws Exception {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.count();
    }
  }

  @Test
  void aRunAfterCloseIsRefused() throws Exception {
    LoadedModel loaded = Scripts.load(model, "def forward(self, x):\n    return x\n");
    loaded.close();
    loaded.close();
    assertThat(refused(loaded, TensorData.floats("x", Shape.of(1), 1)))
        .hasMessageContaining("closed");
  }
}
