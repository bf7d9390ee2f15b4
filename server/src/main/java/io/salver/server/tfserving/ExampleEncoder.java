package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonReader;

/**
 * Turns a JSON object of features into a serialised {@code tensorflow.Example}. Not thread-safe.
 *
 * <p>A feature is a value or a flat list. Integers and truth values make an int64_list, other
 * numbers a float_list, strings and {@code {"b64": ...}} a bytes_list; the first value of a feature
 * says which, and the others have to agree.
 */
final class ExampleEncoder {
  private static final int FIELD_1_BYTES = 0x0A;
  private static final int FIELD_2_BYTES = 0x12;

  /** What a feature holds; the tag is that of its list in the message Feature. */
  private enum Kind {
    UNKNOWN("UNKNOWN", 0),
    BYTES("bytes", 0x0A),
    FLOAT("float", 0x12),
    INT64("int64", 0x1A);

    private final String title;
    private final int tag;

    Kind(String title, int tag) {
      this.title = title;
      this.tag = tag;
    }
  }

  private final JsonReader reader;

  /** The values of the feature being read; packed for numbers. */
  private final WireBuffer values = new WireBuffer();

  /** The entries of the map of features. */
  private final WireBuffer entries = new WireBuffer();

  private final WireBuffer key = new WireBuffer();
  private Kind kind = Kind.UNKNOWN;

  ExampleEncoder(JsonReader reader) {
    this.reader = reader;
  }

  /**
   * Reads the next value, which has to be an object, and appends the Example to {@code out}.
   *
   * @throws ServingException if it is no object of features
   */
  void encode(WireBuffer out) {
    if (reader.peek() != '{') {
      throw ServingException.invalid(
          "Example must be JSON object but got JSON " + reader.typeName());
    }
    entries.clear();
    for (boolean more = reader.firstMember(); more; more = reader.nextMember()) {
      key.clear();
      key.bytes(reader.stringArray(), reader.stringOffset(), reader.stringLength());
      readFeature();
      addEntry();
    }
    if (entries.size() > 0) {
      out.tag(FIELD_1_BYTES);
      out.lengthDelimited(entries);
    }
  }

  private void readFeature() {
    values.clear();
    kind = Kind.UNKNOWN;
    if (reader.peek() != '[') {
      addValue();
    } else if (reader.firstElement()) {
      do {
        addValue();
      } while (reader.nextElement());
    }
  }

  private void addValue() {
    int first = reader.peek();
    switch (first) {
      case '"' -> {
        reader.readString();
        expect(Kind.BYTES);
        values.tag(FIELD_1_BYTES);
        values.varint(reader.stringLength());
        values.bytes(reader.stringArray(), reader.stringOffset(), reader.stringLength());
      }
      case 't', 'f' -> {
        expect(Kind.INT64);
        values.varint(reader.readBoolean() ? 1 : 0);
      }
      case '{' -> addBase64();
      case '[', 'n' -> throw unexpectedType();
      default -> addNumber();
    }
  }

  private void addBase64() {
    int start = reader.position();
    if (!reader.tryReadBase64()) {
      throw unexpectedType();
    }
    expect(Kind.BYTES);
    if (!reader.decodeBase64()) {
      reader.moveTo(start);
      throw ServingException.invalid("Unable to base64 decode");
    }
    values.tag(FIELD_1_BYTES);
    values.varint(reader.stringLength());
    values.bytes(reader.stringArray(), reader.stringOffset(), reader.stringLength());
  }

  private void addNumber() {
    if (!reader.isFiniteNumber()) {
      expect(Kind.FLOAT);
      values.fixed32(Float.floatToRawIntBits((float) reader.readDouble()));
      return;
    }
    int start = reader.position();
    reader.readNumber();
    if (!reader.isInteger() || reader.isBelowLong()) {
      reader.moveTo(start);
      expect(Kind.FLOAT);
      values.fixed32(Float.floatToRawIntBits((float) reader.readDouble()));
      return;
    }
    expect(Kind.INT64);
    if (!reader.isNegative() && reader.magnitude() < 0) {
      throw ServingException.invalid(
          "Feature: " + key.text() + " has uint64 element. Only int64 is supported.");
    }
    values.varint(reader.isNegative() ? -reader.magnitude() : reader.magnitude());
  }

  private void expect(Kind actual) {
    if (kind == Kind.UNKNOWN) {
      kind = actual;
    } else if (kind != actual) {
      throw ServingException.invalid(
          "Unexpected element type in feature: " + key.text() + " expecting type: " + kind.title);
    }
  }

  private ServingException unexpectedType() {
    return ServingException.invalid(
        "Feature: " + key.text() + " has element with unexpected JSON type: " + reader.typeName());
  }

  /** Appends the feature to {@link #entries}: key, then Feature, then its list, then the values. */
  private void addEntry() {
    int valuesSize = values.size();
    boolean packed = kind == Kind.FLOAT || kind == Kind.INT64;
    int listSize = packed ? WireBuffer.fieldSize(valuesSize) : valuesSize;
    int featureSize = kind == Kind.UNKNOWN ? 0 : WireBuffer.fieldSize(listSize);
    entries.tag(FIELD_1_BYTES);
    entries.varint(WireBuffer.fieldSize(key.size()) + WireBuffer.fieldSize(featureSize));
    entries.tag(FIELD_1_BYTES);
    entries.lengthDelimited(key);
    entries.tag(FIELD_2_BYTES);
    entries.varint(featureSize);
    if (kind == Kind.UNKNOWN) {
      return;
    }
    entries.tag(kind.tag);
    entries.varint(listSize);
    if (packed) {
      entries.tag(FIELD_1_BYTES);
      entries.lengthDelimited(values);
    } else {
      entries.append(values);
    }
  }
}
