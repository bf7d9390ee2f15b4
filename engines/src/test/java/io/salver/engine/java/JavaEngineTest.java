package io.salver.engine.java;

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
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaEngineTest {
  /** A model {@code y = OF_X}, for floats. */
  private static final String MODEL =
      """
      public final class Mine implements Model {
        public Map<String, Signature> signatures() {
          TensorSpec x = TensorSpec.of("x", DType.FLOAT32, Shape.of(-1));
          TensorSpec y = TensorSpec.of("y", DType.FLOAT32, Shape.of(-1));
          return Map.of("serving_default",
              new Signature("serving_default", "", List.of(x), List.of(y)));
        }
        public void run(Batch batch) throws Exception {
          Tensor in = batch.input(0);
          Tensor out = batch.arena().allocate(DType.FLOAT32, in.shape());
          for (long i = 0; i < in.elementCount(); i++) {
            float x = in.getFloat(i);
            out.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, i, OF_X);
          }
          batch.setOutput(0, out);
        }
      }
      """;

  @TempDir Path temporary;
  private final JavaEngine engine = new JavaEngine();
  private final ArenaPool arenas = new ArenaPool(1 << 20);

  @AfterEach
  void close() {
    arenas.close();
    engine.close();
  }

  private static String model(String ofX) {
    return MODEL.replace("OF_X", ofX);
  }

  private LoadedModel load(Path version) throws ModelLoadException {
    return engine.load(new ModelFiles(version), EngineOptions.DEFAULT);
  }

  private LoadedModel load(String name, String source) throws Exception {
    return load(Jars.version(temporary.resolve(name), source));
  }

  private float run(LoadedModel model, float x) {
    Signature signature = Objects.requireNonNull(model.signatures().get(Signature.DEFAULT_NAME));
    try (TensorArena arena = arenas.take()) {
      Tensor input = arena.allocate(DType.FLOAT32, Shape.of(1));
      input.data().set(ValueLayout.JAVA_FLOAT, 0, x);
      Batch batch = new Batch(signature, new Tensor[] {input}, null, arena, Long.MAX_VALUE);
      model.run(batch);
      return batch.output(0).getFloat(0);
    }
  }

  @Test
  void aClassInAJarIsAModel() throws Exception {
    Path version = Jars.version(temporary.resolve("1"), model("x / 2 + 2"));
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.Ready.class);
    try (LoadedModel model = load(version)) {
      assertThat(run(model, 3)).isEqualTo(3.5f);
      assertThat(model.isConcurrent()).isFalse();
      assertThat(model.memoryBytes()).isPositive();
    }
  }

  @Test
  void versionsOfOneClassRunSideBySide() throws Exception {
    try (LoadedModel first = load("1", model("x + 1"));
        LoadedModel second = load("2", model("x + 2"))) {
      assertThat(run(first, 0)).isEqualTo(1);
      assertThat(run(second, 0)).isEqualTo(2);
      assertThat(run(first, 0)).isEqualTo(1);
    }
  }

  @Test
  void aClosedModelLeavesNoClassesBehind() throws Exception {
    WeakReference<Object> classes = classesOfAClosedModel();
    for (int i = 0; i < 100 && classes.get() != null; i++) {
      System.gc();
    }
    assertThat(classes.get()).isNull();
  }

  private WeakReference<Object> classesOfAClosedModel() throws Exception {
    try (LoadedModel model = load("1", model("x"))) {
      run(model, 1);
      // The signature was made by the model: nothing of its loader may hang on it.
      return new WeakReference<>(((JavaModel) model).classes());
    }
  }

  @Test
  void librariesBesideTheModelAreItsOwn() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("1"));
    Map<String, byte[]> classes =
        Jars.classes(
            model("Helper.half(x)")
                + "class Helper { static float half(float x) { return x / 2; } }");
    Jars.write(
        version.resolve("a-library.jar"),
        "",
        Map.of("test/Helper.class", Objects.requireNonNull(classes.get("test/Helper.class"))));
    Jars.write(
        version.resolve("model.jar"),
        "# mine\n test.Mine # the one\n",
        Map.of("test/Mine.class", Objects.requireNonNull(classes.get("test/Mine.class"))));
    try (LoadedModel model = load(version)) {
      assertThat(run(model, 3)).isEqualTo(1.5f);
    }
  }

  @Test
  void whatTheServerIsMadeOfIsOutOfSight() throws Exception {
    String probe = "found(\"%s\")";
    String found =
        """
        static float found(String name) {
          try {
            Class.forName(name);
            return 1;
          } catch (ClassNotFoundException e) {
            return 0;
          }
        }
        }
        """;
    for (String hidden :
        List.of(
            JavaEngine.class.getName(),
            "io.salver.testkit.HalfPlusTwo",
            "org.junit.jupiter.api.Test")) {
      String source = model(probe.formatted(hidden));
      source = source.substring(0, source.lastIndexOf('}')) + found;
      try (LoadedModel model = load(hidden, source)) {
        assertThat(run(model, 0)).as(hidden).isZero();
      }
    }
  }

  @Test
  void aFailureIsTheModelsOwn() throws Exception {
    String failing =
        """
        static float of(float x) throws Exception {
          return switch ((int) x) {
            case 1 -> throw new IllegalStateException("one");
            case 2 -> throw ServingException.invalid("two");
            case 3 -> throw new java.io.IOException("three");
            case 4 -> throw new NoClassDefFoundError("four");
            case 5 -> 1 + of(x);
            default -> x;
          };
        }
        }
        """;
    String source = model("of(x)");
    source = source.substring(0, source.lastIndexOf('}')) + failing;
    try (LoadedModel model = load("1", source)) {
      assertFailure(
          model, 1, Category.INTERNAL, "model test.Mine: java.lang.IllegalStateException: one");
      assertFailure(model, 2, Category.INVALID_ARGUMENT, "two");
      assertFailure(model, 3, Category.INTERNAL, "model test.Mine: java.io.IOException: three");
      assertFailure(
          model, 4, Category.INTERNAL, "model test.Mine: java.lang.NoClassDefFoundError: four");
      assertFailure(model, 5, Category.INTERNAL, "model test.Mine: java.lang.StackOverflowError");
      assertThat(run(model, 6)).isEqualTo(6);
    }
  }

  private void assertFailure(LoadedModel model, float x, Category category, String message) {
    assertThatThrownBy(() -> run(model, x))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.category()).isEqualTo(category))
        .hasMessage(message);
  }

  @Test
  void outputsHaveToBeThereAndOfTheirType() throws Exception {
    try (LoadedModel model = load("1", model("x").replace("batch.setOutput(0, out);", ""))) {
      assertFailure(
          model,
          1,
          Category.INTERNAL,
          "model test.Mine: output \"y\": not set (expected: FLOAT32)");
    }
    String other = "batch.setOutput(0, batch.arena().allocate(DType.INT32, in.shape()));";
    try (LoadedModel model = load("2", model("x").replace("batch.setOutput(0, out);", other))) {
      assertFailure(
          model, 1, Category.INTERNAL, "model test.Mine: output \"y\": INT32 (expected: FLOAT32)");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          class Mine implements Model|public Mine(int x) {}|a public constructor without parameters
          class Mine implements Model|public Mine() { throw new RuntimeException("no"); }|failed to be made: java.lang.RuntimeException: no
          class Mine implements Model|public void load(ModelFiles files) throws Exception { throw new java.io.IOException("weights"); }|failed to load: java.io.IOException: weights
          class Mine implements Model|static { int[] none = new int[-1]; }|failed to be made: java.lang.ExceptionInInitializerError
          class Mine||a class that implements interface io.salver.engine.Model
          class Other implements Model||a class that is in the jars
          """)
  void aModelThatCannotBeMadeIsRefused(String declaration, String member, String expected)
      throws Exception {
    String source =
        model("x")
            .replace(
                "class Mine implements Model {",
                declaration + " {" + (member == null ? "" : member));
    Map<String, byte[]> classes =
        declaration.contains("Other")
            ? Jars.compile(
                "test/Other.java",
                "package test; import io.salver.engine.*; import io.salver.tensor.*;"
                    + " import java.util.*;"
                    + source)
            : Jars.classes(source);
    Path version = Files.createDirectories(temporary.resolve("1"));
    Jars.write(version.resolve("model.jar"), "test.Mine", classes);
    assertThatThrownBy(() -> load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith(version.resolve("model.jar") + ": test.Mine")
        .hasMessageContaining(expected);
  }

  @Test
  void signaturesHaveToBeThere() throws Exception {
    String source = model("x").replaceAll("(?s)return Map.of\\(.*?\\)\\);", "return Map.of();");
    assertThatThrownBy(() -> load("1", source))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageEndingWith("test.Mine: signatures: {} (expected: at least one)");
  }

  @Test
  void aClassOfALaterJavaIsRefusedByName() throws Exception {
    Map<String, byte[]> classes = Jars.classes(model("x"));
    Objects.requireNonNull(classes.get("test/Mine.class"))[7] = 99;
    Path version = Files.createDirectories(temporary.resolve("1"));
    Jars.write(version.resolve("model.jar"), "test.Mine", classes);
    assertThatThrownBy(() -> load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("class file version 99");
  }

  @Test
  void aJarIsIncompleteUntilItsLastByte() throws Exception {
    Path version = Jars.version(temporary.resolve("1"), model("x"));
    Path jar = version.resolve("model.jar");
    byte[] whole = Files.readAllBytes(jar);
    for (int size = 0; size < whole.length; size += 7) {
      Files.write(jar, Arrays.copyOf(whole, size));
      assertThat(engine.inspect(new ModelFiles(version)))
          .as("%d of %d bytes", size, whole.length)
          .isInstanceOfSatisfying(
              Inspection.Incomplete.class,
              incomplete -> assertThat(incomplete.reason()).contains(jar.toString()));
    }
  }

  @Test
  void otherDirectoriesAreNotMine() throws IOException {
    Path version = Files.createDirectories(temporary.resolve("1"));
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
    Jars.write(version.resolve("library.jar"), "", Map.of("a/b.txt", new byte[1]));
    assertThat(engine.inspect(new ModelFiles(version))).isInstanceOf(Inspection.NotMine.class);
    assertThatThrownBy(() -> load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage(
            "directory: "
                + version
                + " (expected: a jar with META-INF/services/io.salver.engine.Model)");
  }

  @Test
  void twoModelsInOneVersionAreRefused() throws Exception {
    Path version = Files.createDirectories(temporary.resolve("1"));
    Jars.write(version.resolve("model.jar"), "test.Mine\ntest.Other", Jars.classes(model("x")));
    assertThat(engine.inspect(new ModelFiles(version)))
        .isEqualTo(
            new Inspection.Incomplete(
                version + ": models: [test.Mine, test.Other] (expected: one in all jars)"));
  }

  @Test
  void aJarElsewhereIsOutOfReach() throws Exception {
    Path elsewhere = Jars.version(temporary.resolve("elsewhere"), model("x"));
    Path version = Files.createDirectories(temporary.resolve("1"));
    Files.createSymbolicLink(version.resolve("model.jar"), elsewhere.resolve("model.jar"));
    assertThatThrownBy(() -> load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("expected: a file inside the model directory");
  }
}
