package io.salver.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.dish.Dish;
import io.salver.examples.dish.Picture;
import io.salver.examples.eta.EtaModel;
import io.salver.examples.eta.EtaVersions;
import io.salver.examples.eta.Order;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the repository is what the program makes, and what the READMEs say is true. */
class MakeModelsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
  private static final Path MODELS = MODULE.resolve("models");

  @TempDir static Path made;
  static MakeModels.Made all;
  static EtaVersions versions;

  @BeforeAll
  static void make() throws IOException {
    all = MakeModels.writeModels(made);
    versions = all.eta();
  }

  @Test
  void filesInTheRepositoryAreWhatTheProgramMakes() throws IOException {
    List<Path> files = filesBelow(made);
    assertThat(files).hasSize(7);
    for (Path file : files) {
      Path relative = made.relativize(file);
      assertThat(MODELS.resolve(relative)).hasSameBinaryContentAs(file);
    }
  }

  @Test
  void repositoryHoldsNoOtherFilesThanReadmesAndWhatIsAroundTheModels() throws IOException {
    List<String> others =
        filesBelow(MODELS).stream()
            .map(file -> MODELS.relativize(file).toString())
            .filter(name -> !Files.exists(made.resolve(name)))
            .toList();
    assertThat(others)
        .containsExactlyInAnyOrder(
            "half_plus_two/README.md",
            "food_delivery_eta/README.md",
            "food_delivery_late/README.md",
            "food_delivery_late/1/model.yaml",
            "dish/README.md",
            "dish/1/model.yaml");
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
  void resultsOnRecordAreThoseOfTheReports() throws IOException {
    assertThat(repository("bench/results/eta-model.md")).contains(versions.report());
    assertThat(repository("bench/results/2026-11-27-late-model.md")).contains(all.late().report());
    assertThat(repository("bench/results/2026-11-27-dish-model.md")).contains(all.dish().report());
  }

  @Test
  void explanationsGiveTheSameFigures() throws IOException {
    assertThat(repository("docs/explanation/late-model.md")).contains(all.late().report());
    assertThat(repository("docs/explanation/dish-model.md")).contains(all.dish().report());
  }

  @Test
  void explanationGivesTheSameErrors() throws IOException {
    String page = repository("docs/explanation/eta-model.md");
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
    for (String model : List.of("food_delivery_eta", "food_delivery_late")) {
      String readme = Files.readString(MODELS.resolve(model + "/README.md"));
      for (String name : Order.NAMES) {
        assertThat(readme).contains("| input | `" + name + "` | FLOAT | [batch] |");
      }
    }
  }

  @Test
  void treesBeatTheShareAndDoWithoutTheCourierLoad() {
    List<Double> logLosses = column(all.late().report(), 2);
    assertThat(logLosses.get(1)).isLessThan(0.7 * logLosses.get(0));
    assertThat(logLosses.get(2)).isLessThan(logLosses.get(1));
    assertThat(logLosses.get(3)).isLessThan(logLosses.get(2));
  }

  @Test
  void everyDishIsRecognisedNineTimesInTen() {
    String table = all.dish().report();
    List<Double> recognised =
        Pattern.compile("\\| ([0-9.]+) % \\|")
            .matcher(table)
            .results()
            .map(row -> Double.valueOf(row.group(1)))
            .toList();
    assertThat(recognised).as(table).hasSize(7).allMatch(percent -> percent > 90);
  }

  @Test
  void imagesInTheRepositoryShowWhatTheProgramDraws() throws IOException {
    Map<Dish, Picture> pictures = ExampleImages.pictures();
    assertThat(filesBelow(MODULE.resolve("images"))).hasSameSizeAs(pictures.values());
    for (Map.Entry<Dish, Picture> entry : pictures.entrySet()) {
      Path file = MODULE.resolve("images").resolve(ExampleImages.fileName(entry.getKey()));
      assertThat(Files.size(file)).isLessThan(10_000);
      BufferedImage image = ImageIO.read(file.toFile());
      byte[] drawn = entry.getValue().toBytes();
      long difference = 0;
      for (int i = 0; i < drawn.length; i++) {
        int pixel = i / Picture.CHANNELS;
        int rgb = image.getRGB(pixel % image.getWidth(), pixel / image.getWidth());
        int shown = rgb >> 8 * (Picture.CHANNELS - 1 - i % Picture.CHANNELS) & 0xff;
        difference += Math.abs(shown - (drawn[i] & 0xff));
      }
      assertThat((double) difference / drawn.length).as(file.toString()).isLessThan(12);
    }
  }

  private static String repository(String path) throws IOException {
    return Files.readString(MODULE.resolveSibling(path));
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
