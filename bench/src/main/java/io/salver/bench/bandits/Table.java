package io.salver.bench.bandits;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.ZipInputStream;

/**
 * Labelled rows.
 *
 * @param rows features, {@code [rows][features]}
 * @param labels 0 to {@code classes - 1}
 */
record Table(double[][] rows, int[] labels, int classes) {
  /** Banana: two features, two classes, no order. */
  static Table banana(Path testData) {
    List<String[]> cells = new ArrayList<>();
    for (String line : zipped(testData, "river_solar_flare_banana/banana.zip")) {
      String[] parts = line.strip().split(" ");
      cells.add(new String[] {parts[1].substring(2), parts[2].substring(2), parts[0]});
    }
    return of(cells, 1);
  }

  /** Image segments: 18 features, seven classes, no order. */
  static Table segments(Path testData) {
    List<String> lines = zipped(testData, "river_image_segments/segment.csv.zip");
    return of(cells(lines.subList(1, lines.size())), 1);
  }

  /** Census income, training rows and then test rows. */
  static Table adult(Path testData) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String part : List.of("train", "test")) {
      List<String> read =
          Files.readAllLines(testData.resolve("E_data/ydf_adult/dataset/adult_" + part + ".csv"));
      lines.addAll(read.subList(1, read.size()));
    }
    return of(cells(lines), 0);
  }

  /** The price of electricity, up or down, in its order. */
  static Table electricity(Path testData) throws IOException {
    List<String> lines =
        Files.readAllLines(testData.resolve("E_data/electricity_elec2/electricity.csv"));
    return of(cells(lines.subList(1, lines.size())), 0);
  }

  private static List<String[]> cells(List<String> lines) {
    return lines.stream().map(line -> line.split(",", -1)).toList();
  }

  /**
   * Rows with the label last, shuffled by a seed above 0; text becomes its number in the alphabet.
   */
  private static Table of(List<String[]> cells, long seed) {
    List<String[]> order = new ArrayList<>(cells);
    if (seed > 0) {
      Collections.shuffle(order, new Random(seed));
    }
    int features = order.getFirst().length - 1;
    double[][] rows = new double[order.size()][features];
    for (int feature = 0; feature < features; feature++) {
      Map<String, Integer> codes = codes(order, feature);
      for (int row = 0; row < rows.length; row++) {
        String cell = order.get(row)[feature];
        Integer code = codes.get(cell);
        rows[row][feature] = code == null ? Double.parseDouble(cell) : code;
      }
    }
    Map<String, Integer> names = numbered(order, features);
    int[] labels = new int[rows.length];
    for (int row = 0; row < rows.length; row++) {
      labels[row] = names.getOrDefault(order.get(row)[features], 0);
    }
    return new Table(rows, labels, names.size());
  }

  /** Empty where all cells are numbers. */
  private static Map<String, Integer> codes(List<String[]> cells, int column) {
    for (String[] row : cells) {
      if (!row[column].matches("[-+0-9.eE]+")) {
        return numbered(cells, column);
      }
    }
    return Map.of();
  }

  private static Map<String, Integer> numbered(List<String[]> cells, int column) {
    TreeSet<String> values = new TreeSet<>();
    cells.forEach(row -> values.add(row[column]));
    Map<String, Integer> numbers = new HashMap<>();
    values.forEach(value -> numbers.put(value, numbers.size()));
    return numbers;
  }

  private static List<String> zipped(Path testData, String name) {
    try (InputStream file = Files.newInputStream(testData.resolve("E_data").resolve(name));
        ZipInputStream zip = new ZipInputStream(file)) {
      zip.getNextEntry();
      byte[] bytes = zip.readAllBytes();
      InputStreamReader text =
          new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8);
      try (BufferedReader reader = new BufferedReader(text)) {
        return reader.lines().filter(line -> !line.isBlank()).toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows from, to. */
  Table part(int from, int to) {
    return new Table(
        Arrays.copyOfRange(rows, from, to), Arrays.copyOfRange(labels, from, to), classes);
  }

  /** Each feature less its mean here, by its deviation here. */
  Scale scale() {
    int features = rows[0].length;
    double[] means = new double[features];
    double[] deviations = new double[features];
    for (int f = 0; f < features; f++) {
      double sum = 0;
      double squares = 0;
      for (double[] row : rows) {
        sum += row[f];
        squares += row[f] * row[f];
      }
      means[f] = sum / rows.length;
      deviations[f] =
          Math.max(1e-9, Math.sqrt(Math.max(0, squares / rows.length - means[f] * means[f])));
    }
    return new Scale(means, deviations);
  }

  Table scaled(Scale scale) {
    return new Table(Arrays.stream(rows).map(scale::of).toArray(double[][]::new), labels, classes);
  }

  record Scale(double[] means, double[] deviations) {
    double[] of(double[] row) {
      double[] scaled = new double[row.length];
      for (int f = 0; f < row.length; f++) {
        scaled[f] = (row[f] - means[f]) / deviations[f];
      }
      return scaled;
    }
  }
}
