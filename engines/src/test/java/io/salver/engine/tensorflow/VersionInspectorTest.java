package io.salver.engine.tensorflow;

import static io.salver.engine.tensorflow.SavedModelWriter.type;
import static org.assertj.core.api.Assertions.assertThat;

import io.salver.engine.Inspection;
import io.salver.engine.Inspection.Incomplete;
import io.salver.engine.Inspection.NotMine;
import io.salver.engine.Inspection.Ready;
import io.salver.engine.ModelFiles;
import io.salver.tensor.DType;
import io.salver.wire.ProtoWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionInspectorTest {
  @TempDir Path directory;

  private Inspection inspect() {
    return new TensorFlowEngine().inspect(new ModelFiles(directory));
  }

  private void assertIncomplete(String reason) {
    assertThat(inspect())
        .isInstanceOfSatisfying(
            Incomplete.class, incomplete -> assertThat(incomplete.reason()).contains(reason));
  }

  private static SavedModelWriter withVariable() {
    return SavedModelWriter.variable(DType.FLOAT32).restoredBy("restore_all");
  }

  /** Two data files of 10 and 20 bytes, and their index. */
  private void writeVariables() throws IOException {
    Path variables = Files.createDirectories(directory.resolve("variables"));
    Files.write(variables.resolve("variables.data-00000-of-00002"), new byte[10]);
    Files.write(variables.resolve("variables.data-00001-of-00002"), new byte[20]);
    Files.write(variables.resolve("variables.index"), index(0));
  }

  private static byte[] index(int compression) throws IOException {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    entry(entries, "", new ProtoWriter().int64(1, 2));
    entry(entries, "a", new ProtoWriter().int64(1, 1).int64(5, 10));
    entry(entries, "b", new ProtoWriter().int64(1, 1).int64(3, 1).int64(4, 4).int64(5, 16));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    byte[] data = block(entries.toByteArray(), compression);
    file.write(data);
    ByteArrayOutputStream handles = new ByteArrayOutputStream();
    handles.write(new byte[] {0, 1, 2, 'b', 0, (byte) (data.length - 5)});
    byte[] indexBlock = block(handles.toByteArray(), 0);
    file.write(indexBlock);
    byte[] footer = new byte[48];
    footer[2] = (byte) data.length;
    footer[3] = (byte) (indexBlock.length - 5);
    ByteBuffer.wrap(footer).order(ByteOrder.LITTLE_ENDIAN).putLong(40, 0xdb4775248b80fb57L);
    file.write(footer);
    return file.toByteArray();
  }

  private static void entry(ByteArrayOutputStream block, String key, ProtoWriter value)
      throws IOException {
    byte[] bytes = value.toByteArray();
    block.write(new byte[] {0, (byte) key.length(), (byte) bytes.length});
    block.writeBytes(key.getBytes(StandardCharsets.UTF_8));
    block.write(bytes);
  }

  /** Entries, one restart point, the kind of compression, and room for a checksum. */
  private static byte[] block(byte[] entries, int compression) {
    byte[] block = Arrays.copyOf(entries, entries.length + 8 + 5);
    block[entries.length + 4] = 1;
    block[entries.length + 8] = (byte) compression;
    return block;
  }

  @Test
  void anEmptyDirectoryIsNotMine() {
    assertThat(inspect()).isInstanceOf(NotMine.class);
  }

  @Test
  void aDirectoryThatIsNotThereIsNotMine() throws IOException {
    Files.delete(directory);
    assertThat(inspect()).isInstanceOf(NotMine.class);
  }

  @Test
  void aModelWithoutVariablesIsReady() throws IOException {
    SavedModelWriter.halfPlusTwo().write(directory);
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void aModelThatEndsEarlyIsIncompleteWhereverItEnds() throws IOException {
    byte[] whole = SavedModelWriter.halfPlusTwo().toByteArray();
    for (int length = 0; length < whole.length; length++) {
      Files.write(directory.resolve("saved_model.pb"), Arrays.copyOf(whole, length));
      assertIncomplete("saved_model.pb: ends early, after " + length + " bytes");
    }
  }

  @Test
  void whatIsWholeAndNoSavedModelIsLeftToTheLoad() throws IOException {
    Files.writeString(directory.resolve("saved_model.pb"), "no protobuf at all, but long enough");
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void formatsThatAreNotSupportedAreLeftToTheLoad() throws IOException {
    Files.writeString(directory.resolve("export.meta"), "legacy");
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void variablesWithoutTheirFilesAreIncomplete() throws IOException {
    withVariable().write(directory);
    assertIncomplete("variables/variables.index: missing (the graph has variables)");
  }

  @Test
  void variablesThatAreNotRestoredNeedNoFiles() throws IOException {
    SavedModelWriter.variable(DType.FLOAT32).write(directory);
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void variablesWithAllTheirFilesAreReady() throws IOException {
    withVariable().write(directory);
    writeVariables();
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void anIndexThatEndsEarlyIsIncompleteWhereverItEnds() throws IOException {
    withVariable().write(directory);
    writeVariables();
    byte[] whole = index(0);
    for (int length = 0; length < whole.length; length++) {
      Files.write(directory.resolve("variables/variables.index"), Arrays.copyOf(whole, length));
      assertIncomplete("variables/variables.index: ends early");
    }
  }

  @Test
  void aDataFileThatIsMissingOrShortIsNamed() throws IOException {
    withVariable().write(directory);
    writeVariables();
    Path second = directory.resolve("variables/variables.data-00001-of-00002");
    Files.write(second, new byte[19]);
    assertIncomplete("variables.data-00001-of-00002: 19 bytes (expected: at least 20 bytes)");
    Files.delete(second);
    assertIncomplete("variables.data-00001-of-00002: missing (expected: at least 20 bytes)");
  }

  @Test
  void anIndexThatCannotBeReadIsLeftToTheLoad() throws IOException {
    withVariable().write(directory);
    writeVariables();
    Files.write(directory.resolve("variables/variables.index"), index(1));
    assertThat(inspect()).isInstanceOf(Ready.class);
    byte[] broken = index(0);
    Arrays.fill(broken, 0, broken.length - 48, (byte) 0xff);
    Files.write(directory.resolve("variables/variables.index"), broken);
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void aMissingAssetIsNamed() throws IOException {
    SavedModelWriter.halfPlusTwo().asset("vocabulary.txt").write(directory);
    assertIncomplete("assets/vocabulary.txt: missing");
    Files.createDirectories(directory.resolve("assets"));
    Files.writeString(directory.resolve("assets/vocabulary.txt"), "a");
    assertThat(inspect()).isInstanceOf(Ready.class);
  }

  @Test
  void theMemoryBoundGrowsWithTheGraph() throws IOException {
    SavedModelWriter model = SavedModelWriter.halfPlusTwo();
    model.write(directory);
    long small = ((Ready) inspect()).memoryBoundBytes();
    SavedModelWriter large = SavedModelWriter.halfPlusTwo();
    for (int i = 0; i < 1000; i++) {
      large.node("n" + i, "Identity", List.of("x"), type("T", DType.FLOAT32));
    }
    large.write(directory);
    long bound = ((Ready) inspect()).memoryBoundBytes();
    assertThat(bound - small).isGreaterThan(1000 * 8192);
  }
}
