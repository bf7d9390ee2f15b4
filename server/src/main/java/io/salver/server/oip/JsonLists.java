package io.salver.server.oip;

import io.salver.server.json.JsonWriter;
import io.salver.tensor.Shape;
import java.util.List;

/** Writes lists as JSON. Stateless. */
final class JsonLists {
  private JsonLists() {}

  static void strings(List<String> strings, JsonWriter out) {
    out.raw('[');
    for (int i = 0; i < strings.size(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.string(strings.get(i));
    }
    out.raw(']');
  }

  static void dims(Shape shape, JsonWriter out) {
    out.raw('[');
    for (int i = 0; i < shape.rank(); i++) {
      if (i > 0) {
        out.raw(',');
      }
      out.value(shape.dim(i));
    }
    out.raw(']');
  }
}
