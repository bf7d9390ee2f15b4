package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Between JSON and plain values: texts, numbers, booleans, lists and maps of them. Stateless. */
final class PlainJson {
  private PlainJson() {}

  static JsonObject write(Map<String, ?> values) {
    JsonObject json = new JsonObject();
    values.forEach((name, value) -> json.add(name, write(value)));
    return json;
  }

  private static JsonElement write(Object value) {
    return switch (value) {
      case String text -> new JsonPrimitive(text);
      case Number number -> new JsonPrimitive(number);
      case Boolean flag -> new JsonPrimitive(flag);
      case List<?> list -> {
        JsonArray array = new JsonArray();
        list.forEach(element -> array.add(write(element)));
        yield array;
      }
      case Map<?, ?> map -> {
        JsonObject object = new JsonObject();
        map.forEach((name, element) -> object.add((String) name, write(element)));
        yield object;
      }
      default -> throw new IllegalArgumentException("no plain value: " + value.getClass());
    };
  }

  static Map<String, Object> read(JsonObject json) {
    Map<String, Object> values = new HashMap<>();
    json.asMap().forEach((name, value) -> values.put(name, read(value)));
    return values;
  }

  private static Object read(JsonElement value) {
    if (value instanceof JsonObject object) {
      return read(object);
    }
    if (value instanceof JsonArray array) {
      List<Object> list = new ArrayList<>();
      array.forEach(element -> list.add(read(element)));
      return list;
    }
    if (value instanceof JsonPrimitive primitive) {
      if (primitive.isBoolean()) {
        return primitive.getAsBoolean();
      }
      return primitive.isNumber() ? (Object) primitive.getAsDouble() : primitive.getAsString();
    }
    throw new IllegalArgumentException("no plain value: " + value);
  }
}
