package io.salver.engine.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.EngineOptions;
import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.Expected;
import io.salver.testkit.cases.OnnxModelWriter;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a version directory may hold: models that are whole, half copied, broken or hostile. */
class OnnxFileTest {
  @TempDir Path parent;
  private Path directory = Path.of("");
  private OnnxEngine engine = new OnnxEngine();

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(parent.resolve("1"));
    engine = new OnnxEngine();
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private Inspection inspection() {
    return engine.inspect(new ModelFiles(directory));
  }

  private LoadedModel load() throws ModelLoadException {
    return engine.load(new ModelFiles(directory), EngineOptions.DEFAULT);
  }

  private void write(String name, byte[] content) throws IOException {
    Files.write(directory.resolve(name), content);
  }

  private AbstractThrowableAssert<?, ?> assertRefused() {
    return assertThatThrownBy(this::load).isInstanceOf(ModelLoadException.class);
  }

  private static byte[] whole() {
    return OnnxModelWriter.halfPlusTwo().toByteArray();
  }

  /** A model {@code y = x + w} whose {@code w} is two floats in another file. */
  private static OnnxModelWriter external(String location, long offsetBytes) {
    return new OnnxModelWriter()
        .externalInitializer("w", 2, location, offsetBytes)
        .node("", "Add", List.of("x", "w"), List.of("y"))
        .input("x", OnnxModelWriter.FLOAT, 2)
        .output("y", OnnxModelWriter.FLOAT, 2);
  }

  private static byte[] floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return bytes.array();
  }

  @Test
  void aDirectoryWithoutAModelIsNotMine() throws IOException {
    assertThat(inspection()).isInstanceOf(Inspection.NotMine.class);
    write("saved_model.pb", whole());
    assertThat(inspection()).isInstanceOf(Inspection.NotMine.class);
    assertRefused().hasMessageContaining("expected: model.onnx, or one file *.onnx");
  }

  @Test
  void aDirectoryThatIsGoneIsNotMine() throws IOException {
    Files.delete(directory);
    assertThat(inspection()).isInstanceOf(Inspection.NotMine.class);
  }

  @Test
  void oneFileOfAnyNameIsTheModelAndOfSeveralModelOnnx() throws Exception {
    write("a.onnx", whole());
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
    write("b.onnx", new byte[] {1});
    assertThat(inspection()).isInstanceOf(Inspection.NotMine.class);
    write("model.onnx", whole());
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
    load().close();
  }

  @Test
  void aFileThatIsStillBeingCopiedIsNeverReady() throws IOException {
    byte[] whole = whole();
    int graphEnd = whole.length - OPSET_FIELDS_BYTES;
    for (int length = 0; length < graphEnd; length++) {
      write("model.onnx", Arrays.copyOf(whole, length));
      assertThat(inspection()).as("%d bytes", length).isInstanceOf(Inspection.Incomplete.class);
    }
  }

  private static final int OPSET_FIELDS_BYTES = 24;

  @Test
  void aFileCutShortIsRefusedWithTheLengthThatItShouldHave() throws IOException {
    write("model.onnx", Arrays.copyOf(whole(), 100));
    assertRefused().hasMessageContaining("model.onnx: ends early: 100 bytes (expected: >= ");
  }

  @Test
  void garbageIsRefusedAndNeitherHangsNorCrashes() throws IOException {
    for (long seed = 0; seed < 200; seed++) {
      byte[] garbage = new byte[500];
      new Random(seed).nextBytes(garbage);
      write("model.onnx", garbage);
      assertThat(inspection()).isNotNull();
      assertRefused().as("seed %d", seed).hasMessageContaining("model.onnx");
    }
  }

  @Test
  void aModelWithAFlippedByteIsLoadedOrRefused() throws IOException {
    for (int i = 0; i < whole().length; i++) {
      byte[] flipped = whole();
      flipped[i] ^= 0x55;
      write("model.onnx", flipped);
      assertThat(inspection()).isNotNull();
      try {
        load().close();
      } catch (ModelLoadException e) {
        assertThat(e).as("byte %d", i).hasMessageContaining("model.onnx");
      }
    }
  }

  @Test
  void aTextFileIsRefused() throws IOException {
    write("model.onnx", "version https://git-lfs.github.com/spec/v1\n".getBytes());
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
    assertRefused().hasMessageContaining("not an ONNX model");
  }

  @Test
  void aVersionOfTheFormatThatIsTooNewIsNamed() throws IOException {
    write("model.onnx", OnnxModelWriter.halfPlusTwo().irVersion(999).toByteArray());
    assertRefused().hasMessageContaining("model.onnx").hasMessageContaining("999");
  }

  @Test
  void anOperatorThatDoesNotExistIsNamed() throws IOException {
    OnnxModelWriter model =
        new OnnxModelWriter()
            .node("", "Frobnicate", List.of("x"), List.of("y"))
            .input("x", OnnxModelWriter.FLOAT, 1)
            .output("y", OnnxModelWriter.FLOAT, 1);
    write("model.onnx", model.toByteArray());
    assertRefused().hasMessageContaining("Frobnicate");
  }

  @Test
  void anInputThatIsNoTensorIsRefusedByName() throws IOException {
    OnnxModelWriter model =
        new OnnxModelWriter()
            .node("", "OptionalGetElement", List.of("maybe"), List.of("y"))
            .output("y", OnnxModelWriter.FLOAT, 1);
    model.input(
        "maybe",
        OnnxModelWriter.optionalType(OnnxModelWriter.tensorType(OnnxModelWriter.FLOAT, 1)));
    write("model.onnx", model.toByteArray());
    assertRefused().hasMessageContaining("input \"maybe\": optional (expected: a tensor)");
  }

  @Test
  void externalDataIsReadFromTheDirectory() throws Exception {
    write("model.onnx", external("w.bin", 4).toByteArray());
    write("w.bin", floats(0, 10, 20));
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
    try (LoadedModel model = load()) {
      TensorData x = TensorData.floats("x", Shape.of(2), 1, 2);
      TensorData y = TensorData.floats("y", Shape.of(2), 11, 22);
      assertThat(Expected.equalTo(y).problem(Runs.once(model, List.of(x)))).isEmpty();
    }
  }

  @Test
  void aModelWaitsForItsExternalData() throws IOException {
    write("model.onnx", external("w.bin", 4).toByteArray());
    assertThat(inspection())
        .isEqualTo(new Inspection.Incomplete("external data: \"w.bin\" is missing"));
    write("w.bin", floats(0, 10));
    assertThat(inspection())
        .isEqualTo(
            new Inspection.Incomplete("external data: \"w.bin\" has 8 bytes (expected: >= 12)"));
    assertRefused().hasMessageContaining("w.bin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret.bin", "/etc/passwd", "a/../../secret.bin", "*/_ORT_MEM_ADDR_/*"})
  void externalDataOutsideOfTheDirectoryIsRefused(String location) throws IOException {
    Files.write(parent.resolve("secret.bin"), floats(1, 2));
    write("model.onnx", external(location, 0).toByteArray());
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
    assertRefused().hasMessageContaining(location);
  }

  @Test
  void externalDataThroughALinkThatLeadsOutIsRefused() throws IOException {
    Path secret = Files.write(parent.resolve("secret.bin"), floats(1, 2));
    Files.createSymbolicLink(directory.resolve("w.bin"), secret);
    write("model.onnx", external("w.bin", 0).toByteArray());
    assertRefused().hasMessageContaining("\"w.bin\" (expected: a file inside");
  }

  @Test
  void externalDataOutsideIsFoundInAttributesAndInnerGraphsToo() throws IOException {
    OnnxModelWriter inner =
        new OnnxModelWriter()
            .node(
                "",
                "Constant",
                List.of(),
                List.of("c"),
                OnnxModelWriter.tensor(
                    "value", OnnxModelWriter.externalTensor("", 2, "../secret.bin", 0)))
            .output("c", OnnxModelWriter.FLOAT, 2);
    OnnxModelWriter outer =
        new OnnxModelWriter()
            .node(
                "",
                "If",
                List.of("b"),
                List.of("y"),
                OnnxModelWriter.graph("then_branch", inner),
                OnnxModelWriter.graph("else_branch", inner))
            .input("b", 9)
            .output("y", OnnxModelWriter.FLOAT, 2);
    write("model.onnx", outer.toByteArray());
    assertRefused().hasMessageContaining("../secret.bin");
  }

  @Test
  void graphsNestedSoDeepThatLoadingWouldTakeHoursAreRefused() throws Exception {
    OnnxModelWriter graph =
        new OnnxModelWriter()
            .node("", "Identity", List.of("x"), List.of("y"))
            .output("y", OnnxModelWriter.FLOAT, 1);
    for (int depth = 0; depth < 17; depth++) {
      graph =
          new OnnxModelWriter()
              .node(
                  "", "If", List.of("b"), List.of("y"), OnnxModelWriter.graph("then_branch", graph))
              .output("y", OnnxModelWriter.FLOAT, 1);
    }
    write("model.onnx", graph.toByteArray());
    assertRefused().hasMessageContaining("graphs nested 17 deep (expected: <= 16");
  }

  @Test
  void messagesNestedDeeperThanAnyModelAreRefused() throws IOException {
    byte[] nested = {};
    for (int depth = 0; depth < 1000; depth++) {
      nested = new io.salver.wire.ProtoWriter().bytes(depth % 2 == 0 ? 6 : 5, nested).toByteArray();
      nested = new io.salver.wire.ProtoWriter().bytes(1, nested).toByteArray();
    }
    byte[] file = new io.salver.wire.ProtoWriter().int64(1, 8).bytes(7, nested).toByteArray();
    write("model.onnx", file);
    assertThat(inspection()).isNotNull();
    assertRefused().hasMessageContaining("model.onnx");
  }
}
