package io.salver.cli.config;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** YAML as JSON trees. Stateless. */
public final class YamlTrees {
  private static final int MAX_DEPTH = 32;

  private YamlTrees() {}

  /**
   * The JSON that a YAML document stands for; a JSON document is one too.
   *
   * @throws ConfigException if it is not YAML, or has what JSON has not
   */
  public static JsonElement parse(String yaml) {
    return json("", SalverYaml.load(yaml));
  }

  /**
   * A value that the YAML parser gave, as JSON.
   *
   * @param place where it is, for messages
   */
  static JsonElement json(String place, @Nullable Object value) {
    return json(place, value, 0);
  }

  private static JsonElement json(String place, @Nullable Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new ConfigException(
          place + ": nested too deeply (expected: at most " + MAX_DEPTH + ")");
    }
    return switch (value) {
      case null -> JsonNull.INSTANCE;
      case String text -> new JsonPrimitive(text);
      case Boolean bool -> new JsonPrimitive(bool);
      case Number number -> new JsonPrimitive(number);
      case Map<?, ?> map -> object(place, map, depth);
      case List<?> list -> {
        JsonArray array = new JsonArray();
        for (Object element : list) {
          array.add(json(place + "[" + array.size() + "]", element, depth + 1));
        }
        yield array;
      }
      default ->
          throw new ConfigException(place + ": " + value + " (expected: what JSON has as well)");
    };
  }

  private static JsonObject object(String place, Map<?, ?> map, int depth) {
    JsonObject object = new JsonObject();
    map.forEach((key, value) -> {
      if (!(key instanceof String name)) {
        throw new ConfigException(place + ": key " + key + " (expected: a string)");
      }
      object.add(name, json(place.isEmpty() ? name : place + "." + name, value, depth + 1));
    });
    return object;
  }
}
