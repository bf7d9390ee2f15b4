package io.salver.server.tfserving;

import io.salver.predict.ServingException;
import io.salver.server.json.JsonReader;

/** The checks and errors that all JSON bodies have in common. */
final class BodyErrors {
  private BodyErrors() {}

  /** An error that shows the document, whose value begins at {@code start}. */
  static ServingException document(JsonReader reader, int start, String what) {
    return ServingException.invalid("JSON Value: " + reader.debug(start) + " " + what);
  }

  /** Checks that the document is an object; returns where it begins. */
  static int checkIsObject(JsonReader reader) {
    if (reader.peek() < 0) {
      throw reader.syntaxError("The document is empty.");
    }
    int start = reader.position();
    if (reader.peek() != '{') {
      reader.skipValue();
      throw document(reader, start, "Is not object");
    }
    return start;
  }

  /** The signature's name, whose value begins at {@code nameAt}; perhaps empty. */
  static String readSignatureName(JsonReader reader, int start, int nameAt) {
    reader.moveTo(nameAt);
    if (reader.peek() != '"') {
      throw document(
          reader, start, "not formatted correctly. 'signature_name' key must be a string value.");
    }
    reader.readString();
    return reader.string();
  }
}
