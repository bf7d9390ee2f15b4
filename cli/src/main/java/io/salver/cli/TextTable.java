package io.salver.cli;

import java.util.List;

/** Rows as lines of text, columns below each other. Stateless. */
final class TextTable {
  private static final String GAP = "  ";

  private TextTable() {}

  /**
   * A line for each row.
   *
   * @param rows of the same number of cells each
   */
  static String of(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i).replace('\n', ' ').replace('\r', ' ');
        line.append(cell).append(" ".repeat(widths[i] - cell.length())).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
