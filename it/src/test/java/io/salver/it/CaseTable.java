package io.salver.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** What each case expected and got, as a file for people: {@code target/model-cases.md}. */
final class CaseTable {
  private static final int CELL_LENGTH = 120;

  private final ConcurrentSkipListMap<String, List<String>> rows = new ConcurrentSkipListMap<>();

  /** Adds a row of the case. */
  void add(String caseName, String call, String expected, String rest, String grpc) {
    String row =
        "| "
            + String.join(" | ", cell(caseName), cell(call), cell(expected), cell(rest), cell(grpc))
            + " |";
    rows.computeIfAbsent(caseName, name -> new CopyOnWriteArrayList<>()).add(row);
  }

  private static String cell(String text) {
    String line = text.replace("\n", " ").replace("|", "\\|");
    return line.length() <= CELL_LENGTH ? line : line.substring(0, CELL_LENGTH) + "...";
  }

  /** Writes all rows, ordered by case. */
  void write(Path file) throws IOException {
    StringBuilder out = new StringBuilder("| case | call | expected | REST | gRPC |\n");
    out.append("|---|---|---|---|---|\n");
    rows.values().forEach(list -> list.forEach(row -> out.append(row).append('\n')));
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, out);
  }
}
