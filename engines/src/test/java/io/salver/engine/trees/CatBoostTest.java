package io.salver.engine.trees;

import static io.salver.testkit.cases.FlatWriter.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.engine.LoadedModel;
import io.salver.engine.ModelLoadException;
import io.salver.testkit.cases.CatBoostFiles;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CatBoost's files against what their trees say when they are read as they are. */
class CatBoostTest {
  private static final int MODELS = 60;

  @TempDir Path temporary;

  private static double[] expected(CatBoostFiles model, double[] row) {
    double[] sums = model.sums(row);
    if (sums.length == 1) {
      sums[0] = 1 / (1 + Math.exp(-sums[0]));
    } else {
      double total = 0;
      for (double sum : sums) {
        total += Math.exp(sum);
      }
      for (int i = 0; i < sums.length; i++) {
        sums[i] = Math.exp(sums[i]) / total;
      }
    }
    return sums;
  }

  @Test
  void bothFormatsAnswerWhatTheTreesSay() throws Exception {
    for (long seed = 0; seed < MODELS; seed++) {
      Random random = new Random(seed);
      CatBoostFiles made = CatBoostFiles.random(random, random.nextBoolean() ? 1 : 3);
      List<double[]> rows = new ArrayList<>();
      List<Double> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        double[] row = CatBoostFiles.row(random);
        rows.add(row);
        Arrays.stream(expected(made, row)).forEach(expected::add);
      }
      try (LoadedModel binary = TreeRuns.load(temporary, "model.cbm", made.binary());
          LoadedModel json = TreeRuns.load(temporary, "model.json", made.json())) {
        double[] answers = TreeRuns.answers(binary, rows);
        assertThat(TreeRuns.answers(json, rows)).as("seed %d", seed).containsExactly(answers);
        assertThat(answers).hasSize(expected.size());
        for (int i = 0; i < answers.length; i++) {
          assertThat(answers[i])
              .as("seed %d, %d", seed, i)
              .isCloseTo(expected.get(i), org.assertj.core.api.Assertions.within(1e-6));
        }
      }
    }
  }

  @Test
  void filesThatAreCutShortOrChangedAreRefusedOrLoad() throws Exception {
    byte[] file = CatBoostFiles.random(new Random(1), 3).binary();
    for (int length = 8; length < file.length; length += 97) {
      byte[] part = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> TreeRuns.load(temporary, "model.cbm", part).close())
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("model.cbm: ");
    }
    Random random = new Random(2);
    for (int i = 0; i < 400; i++) {
      byte[] changed = file.clone();
      changed[random.nextInt(file.length)] = (byte) random.nextInt();
      try (LoadedModel model = TreeRuns.load(temporary, "model.cbm", changed)) {
        assertThat(model.signatures()).isNotEmpty();
      } catch (ModelLoadException e) {
        assertThat(e).hasMessageContaining("version");
      }
    }
  }

  @Test
  void featuresThatAreNoNumbersAreRefusedByName() {
    for (int field : new int[] {6, 7, 12, 13}) {
      byte[] file = CatBoostFiles.binary(table(0, 1, field, List.of(table(0, 0))), "RMSE");
      assertThatThrownBy(() -> TreeRuns.load(temporary, "model.cbm", file).close())
          .isInstanceOf(ModelLoadException.class)
          .hasMessageContaining("features: not supported (expected: features that are numbers");
    }
    byte[] json =
        """
        {"features_info":{"categorical_features":[{"feature_index":0}],"float_features":[]},
        "oblivious_trees":[]}
        """
            .getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> TreeRuns.load(temporary, "model.json", json).close())
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("categorical_features: not supported");
  }

  @Test
  void aMojoIsRefusedWithAWayOut() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("model.ini"));
      zip.write("[info]\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThatThrownBy(() -> TreeRuns.load(temporary, "model.zip", bytes.toByteArray()).close())
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("a MOJO of H2O: not supported")
        .hasMessageContaining("h2o-genmodel");
    Path other = Files.createTempDirectory(temporary, "other");
    Files.write(other.resolve("any.zip"), new byte[] {'P', 'K', 3, 4});
    assertThatThrownBy(() -> TreeRuns.load(other)).hasMessageContaining("directory: ");
  }
}
