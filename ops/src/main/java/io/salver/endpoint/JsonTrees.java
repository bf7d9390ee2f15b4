package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.salver.predict.ServingException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/**
 * Reads JSON from strangers into trees: strictly, with a bound on its length and depth, and no key
 * twice in an object. Stateless.
 */
public final class JsonTrees {
  /** The longest text that is read, in characters. */
  public static final int MAX_CHARS = 1 << 20;

  /** How deep arrays and objects may be nested. */
  static final int MAX_DEPTH = 32;

  private JsonTrees() {}

  /**
   * The object that is all of {@code text}.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not one, is too long, or nested too deeply
   */
  public static JsonObject object(String text) {
    if (text.length() > MAX_CHARS) {
      throw ServingException.invalid(
          "JSON: " + text.length() + " characters (expected: at most " + MAX_CHARS + ")");
    }
    JsonReader in = new JsonReader(new StringReader(text));
    in.setStrictness(Strictness.STRICT);
    in.setNestingLimit(MAX_DEPTH);
    try {
      if (in.peek() == JsonToken.BEGIN_OBJECT) {
        JsonObject object = object(in);
        if (in.peek() == JsonToken.END_DOCUMENT) {
          return object;
        }
      }
    } catch (IOException | IllegalStateException e) {
      throw ServingException.invalid("not JSON: " + firstLine(e));
    }
    throw ServingException.invalid("JSON: " + in + " (expected: one object)");
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static JsonElement element(JsonReader in) throws IOException {
    return switch (in.peek()) {
      case BEGIN_OBJECT -> object(in);
      case BEGIN_ARRAY -> array(in);
      case STRING -> new JsonPrimitive(text(in.nextString()));
      case NUMBER -> new JsonPrimitive(ToNumberPolicy.LAZILY_PARSED_NUMBER.readNumber(in));
      case BOOLEAN -> new JsonPrimitive(in.nextBoolean());
      case NULL -> {
        in.nextNull();
        yield JsonNull.INSTANCE;
      }
      case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT -> throw new AssertionError(in);
    };
  }

  /** Half a surrogate pair could not be kept in UTF-8. */
  private static String text(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw ServingException.invalid(
          "JSON: a string is not Unicode (expected: no lone surrogates)");
    }
    return text;
  }

  private static JsonObject object(JsonReader in) throws IOException {
    JsonObject object = new JsonObject();
    in.beginObject();
    while (in.hasNext()) {
      String name = text(in.nextName());
      if (object.has(name)) {
        throw ServingException.invalid("JSON: key \"" + name + "\" twice (expected: once)");
      }
      object.add(name, element(in));
    }
    in.endObject();
    return object;
  }

  private static JsonArray array(JsonReader in) throws IOException {
    JsonArray array = new JsonArray();
    in.beginArray();
    while (in.hasNext()) {
      array.add(element(in));
    }
    in.endArray();
    return array;
  }
}
