package io.salver.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.eta.EtaModel;
import io.salver.examples.eta.EtaVersions;
import io.salver.examples.eta.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the repository is what the program makes, and what the READMEs say is true. */
class MakeModelsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
  private static final Path MODELS = MODULE.resolve("models");

  @TempDir static Path made;
  static EtaVersions versions;

  @BeforeAll
  static void make() throws IOException {
    versions = MakeModels.write(made);
  }

  @Test
  void filesInTheRepositoryAreWhatTheProgramMakes() throws IOException {
    List<Path> files = filesBelow(made);
    assertThat(files).hasSize(4);
    for (Path file : files) {
      Path relative = made.relativize(file);
      assertThat(MODELS.resolve(relative)).hasSameBinaryContentAs(file);
    }
  }

  @Test
  void repositoryHoldsNoOtherFilesThanReadmes() throws IOException {
    List<String> others =
        filesBelow(MODELS).stream()
            .map(file -> MODELS.relativize(file).toString())
            .filter(name -> !Files.exists(made.resolve(name)))
            .toList();
    assertThat(others)
        .containsExactlyInAnyOrder("half_plus_two/README.md", "food_delivery_eta/README.md");
  }

  @Test
  void secondVersionIsBetterThanTheFirstAndBothBeatTheMean() {
    List<Double> rootMeanSquares = column(versions.report(), 2);
    List<Double> means = column(versions.report(), 3);
    assertThat(rootMeanSquares.get(1)).isLessThan(0.8 * rootMeanSquares.get(0));
    assertThat(rootMeanSquares.get(2)).isLessThan(rootMeanSquares.get(1));
    assertThat(means.get(1)).isLessThan(0.8 * means.get(0));
    assertThat(means.get(2)).isLessThan(0.95 * means.get(1));
  }

  @Test
  void resultsOnRecordAreThoseOfTheReport() throws IOException {
    Path record = MODULE.resolveSibling("bench/results/eta-model.md");
    assertThat(Files.readString(record)).contains(versions.report());
  }

  @Test
  void explanationGivesTheSameErrors() throws IOException {
    String page = Files.readString(MODULE.resolveSibling("docs/explanation/eta-model.md"));
    for (int column : new int[] {2, 3}) {
      assertThat(column(page, column)).isEqualTo(column(versions.report(), column));
    }
  }

  @Test
  void readmeOfTheEtaModelGivesItsAnswers() throws IOException {
    String readme = Files.readString(MODELS.resolve("food_delivery_eta/README.md"));
    List<Float> answers =
        Pattern.compile("\"predictions\": \\[([^]]*)]")
            .matcher(readme)
            .results()
            .map(result -> Float.valueOf(result.group(1)))
            .toList();
    EtaModel linear = versions.models().get(0);
    EtaModel network = versions.models().get(1);
    assertThat(answers)
        .containsExactly(network.minutes(EtaVersions.EXAMPLE), linear.minutes(EtaVersions.EXAMPLE));
  }

  @Test
  void readmesNameEveryInput() throws IOException {
    String readme = Files.readString(MODELS.resolve("food_delivery_eta/README.md"));
    for (String name : Order.NAMES) {
      assertThat(readme).contains("| input | `" + name + "` | FLOAT | [batch] |");
    }
  }

  private static List<Double> column(String table, int index) {
    return Pattern.compile("(?m)^\\| (.*) \\| ([0-9.]+) \\| ([0-9.]+) \\|$")
        .matcher(table)
        .results()
        .map((MatchResult row) -> Double.valueOf(row.group(index)))
        .toList();
  }

  private static List<Path> filesBelow(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }
}
