package io.salver.engine.pmml;

import io.salver.engine.ModelLoadException;

/** The types of fields that are known here; each value is held as a double, see {@link Row}. */
enum DataType {
  STRING,
  INTEGER,
  FLOAT,
  DOUBLE,
  BOOLEAN;

  boolean isNumber() {
    return this == INTEGER || this == FLOAT || this == DOUBLE;
  }

  /** The type that an element's attribute {@code dataType} names. */
  static DataType of(Element element) throws ModelLoadException {
    return switch (element.get("dataType")) {
      case "string" -> STRING;
      case "integer" -> INTEGER;
      case "float" -> FLOAT;
      case "double" -> DOUBLE;
      case "boolean" -> BOOLEAN;
      default ->
          throw element.wrong(
              "dataType: \""
                  + element.get("dataType")
                  + "\" (expected: string, integer, float, double, boolean)");
    };
  }

  static DataType of(Element element, DataType otherwise) throws ModelLoadException {
    return element.has("dataType") ? of(element) : otherwise;
  }
}
