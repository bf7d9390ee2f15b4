package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;
import java.util.Arrays;
import java.util.List;

/** A table that gives a value for the values of some fields, its rows sorted by those. */
final class MapValues {
  private final int[] slots;
  private final double[][] rows;
  private final double missing;
  private final double otherwise;

  private MapValues(int[] slots, double[][] rows, double missing, double otherwise) {
    this.slots = slots;
    this.rows = rows;
    this.missing = missing;
    this.otherwise = otherwise;
  }

  /** The value of a {@code MapValues}. */
  static Typed compile(Element element, Scope scope) throws ModelLoadException {
    element.checkChildren("FieldColumnPair", "InlineTable");
    Build build = scope.build();
    DataType type = DataType.of(element, DataType.STRING);
    List<Element> pairs = element.children("FieldColumnPair");
    int[] slots = new int[pairs.size()];
    DataType[] types = new DataType[pairs.size()];
    String[] columns = new String[pairs.size()];
    for (int i = 0; i < slots.length; i++) {
      Variable variable = scope.get(pairs.get(i).get("field"), pairs.get(i));
      slots[i] = variable.slot();
      types[i] = variable.type();
      columns[i] = local(pairs.get(i).get("column"));
    }
    String output = local(element.get("outputColumn"));
    List<Element> listed = element.child("InlineTable").children("row");
    double[][] rows = new double[listed.size()][slots.length + 1];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < slots.length; j++) {
        // Adding 0 makes -0 a 0, from which the order of rows would tell it apart.
        rows[i][j] = 0 + build.parse(listed.get(i), cell(listed.get(i), columns[j]), types[j]);
      }
      rows[i][slots.length] = build.parse(listed.get(i), cell(listed.get(i), output), type);
    }
    Arrays.sort(rows, (a, b) -> Arrays.compare(a, 0, slots.length, b, 0, slots.length));
    MapValues table =
        new MapValues(
            slots,
            rows,
            optional(element, "mapMissingTo", type, build),
            optional(element, "defaultValue", type, build));
    return Typed.of(table::value, type);
  }

  private static String local(String name) {
    return name.substring(name.indexOf(':') + 1);
  }

  private static String cell(Element row, String column) throws ModelLoadException {
    return row.child(column).text();
  }

  private static double optional(Element element, String attribute, DataType type, Build build)
      throws ModelLoadException {
    String value = element.find(attribute, null);
    return value == null ? Double.NaN : build.parse(element, value, type);
  }

  private double value(Row row) {
    for (int slot : slots) {
      if (Double.isNaN(row.values[slot])) {
        return missing;
      }
    }
    int low = 0;
    int high = rows.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = compare(rows[middle], row);
      if (order == 0) {
        return rows[middle][slots.length];
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return otherwise;
  }

  private int compare(double[] key, Row row) {
    for (int i = 0; i < slots.length; i++) {
      double value = row.values[slots[i]];
      if (key[i] != value) {
        return key[i] < value ? -1 : 1;
      }
    }
    return 0;
  }
}
