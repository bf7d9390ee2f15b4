package io.salver.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.Inspection;
import io.salver.engine.LoadedModel;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.predict.ServingException;
import io.salver.tensor.Shape;
import io.salver.testkit.cases.Runs;
import io.salver.testkit.cases.TensorData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no TorchScript archives, or broken ones. */
class TorchBrokenFilesTest {
  private static final long SEED = 20_261_127;

  @TempDir Path temporary;
  private Path version;
  private Path file;
  private byte[] whole;

  @BeforeEach
  void write() throws Exception {
    version = Scripts.write(temporary, "def forward(self, x):\n    return x + self.count\n");
    file = version.resolve("model.pt");
    whole = Files.readAllBytes(file);
  }

  private void assertRefused(String reason) {
    assertThatThrownBy(() -> Scripts.load(version))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("model.pt")
        .hasMessageContaining(reason);
  }

  private Inspection inspection() {
    return Scripts.ENGINE.inspect(new ModelFiles(version));
  }

  @Test
  void aFileThatIsCutShortIsWaitedFor() throws Exception {
    for (int length : new int[] {0, 1, 30, whole.length / 2, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(inspection()).as("%d bytes", length).isInstanceOf(Inspection.Incomplete.class);
      assertRefused("expected: a");
    }
  }

  @Test
  void aPickleIsNotReadAndNotWaitedFor() throws Exception {
    Files.write(file, new byte[] {(byte) 0x80, 2, 'c', 'o', 's', '\n'});
    assertThat(inspection()).isInstanceOf(Inspection.Refused.class);
    assertRefused("pickles are not read, because they may run code");
  }

  @Test
  void aZipOfOtherThingsIsRefusedByWhatItLacks() throws Exception {
    zip("a/data.pkl");
    assertRefused("without constants.pkl");
    zip("a/data.pkl", "a/constants.pkl");
    assertRefused("without code");
    zip("a/data.pkl", "a/constants.pkl", "../code/x.py");
    assertRefused("an entry \"../code/x.py\" beside others");
    zip("data.pkl", "constants.pkl");
    assertRefused("beside others");
    zip("a/data.pkl", "a/constants.pkl", "a/code/x.py");
    assertRefused("libtorch");
  }

  private void zip(String... entries) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (String entry : entries) {
        out.putNextEntry(new ZipEntry(entry));
        out.write("x".getBytes(StandardCharsets.UTF_8));
        out.closeEntry();
      }
    }
  }

  @Test
  void anEntryOfMoreBytesThanAreThereIsRefused() throws Exception {
    byte[] changed = whole.clone();
    int central = indexOf(changed, new byte[] {'P', 'K', 1, 2});
    changed[central + 27] = 0x7f;
    changed[central + 23] = 0x7f;
    Files.write(file, changed);
    assertRefused("");
  }

  private static int indexOf(byte[] bytes, byte[] pattern) {
    for (int i = 0; i < bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + pattern.length, pattern, 0, pattern.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  @Test
  void severalFilesWithoutAModelPtAreNotGuessedAmong() throws Exception {
    Files.move(file, version.resolve("a.pt"));
    Files.write(version.resolve("b.jit"), whole);
    assertThat(inspection()).isInstanceOf(Inspection.NotMine.class);
    Files.delete(version.resolve("b.jit"));
    assertThat(inspection()).isInstanceOf(Inspection.Ready.class);
  }

  /** A changed byte is refused, or hits what nobody reads; the process goes on. */
  @Test
  void noChangedByteEndsTheProcess() throws Exception {
    Random random = new Random(SEED);
    TensorData x = TensorData.floats("x", Shape.of(1), 1);
    for (int i = 0; i < 500; i++) {
      byte[] changed = whole.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, changed);
      try (LoadedModel model = Scripts.load(version)) {
        Runs.once(model, x);
      } catch (ModelLoadException | ServingException e) {
        assertThat(e).as("seed %d, change %d", SEED, i).hasMessageMatching("(?s).{10,}");
      }
    }
  }
}
