package io.salver.endpoint;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.salver.predict.ServingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object, which is somewhere in a document. Each read takes a key away from
 * those that are unknown; {@link #end} refuses the object if any is left. All problems are {@link
 * ServingException}s, INVALID_ARGUMENT, with the place of the key.
 */
final class JsonMembers {
  private static final int MAX_SHOWN_CHARS = 200;

  private final String place;
  private final JsonObject object;
  private final Set<String> known = new TreeSet<>();

  JsonMembers(String place, JsonElement value) {
    this.place = place;
    if (!(value instanceof JsonObject members)) {
      throw wrong(place, value, "an object");
    }
    this.object = members;
  }

  /** Refuses the keys that nobody has asked for. */
  void end() {
    for (String key : object.keySet()) {
      if (!known.contains(key)) {
        throw ServingException.invalid(
            "unknown key: " + at(key) + " (expected: one of " + known + ")");
      }
    }
  }

  /** Where a key is, as {@code policy.routes[0].weight}. */
  String at(String key) {
    return place.isEmpty() ? key : place + "." + key;
  }

  /** The value, or null if the key is absent. */
  @Nullable JsonElement get(String key) {
    known.add(key);
    return object.get(key);
  }

  JsonElement required(String key, String expected) {
    JsonElement value = get(key);
    if (value == null) {
      throw ServingException.invalid(at(key) + ": missing (expected: " + expected + ")");
    }
    return value;
  }

  Optional<String> string(String key) {
    return Optional.ofNullable(get(key)).map(value -> text(at(key), value));
  }

  String requiredString(String key, String expected) {
    return text(at(key), required(key, expected));
  }

  double number(String key, double otherwise) {
    JsonElement value = get(key);
    return value == null ? otherwise : number(at(key), value);
  }

  Optional<Double> number(String key) {
    return Optional.ofNullable(get(key)).map(value -> number(at(key), value));
  }

  OptionalLong integer(String key) {
    JsonElement value = get(key);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      try {
        return OptionalLong.of(Long.parseLong(primitive.getAsString()));
      } catch (NumberFormatException e) {
        // Not an integer, which is said below.
      }
    }
    throw wrong(at(key), value, "an integer");
  }

  /** What {@code read} makes of each element of a list, given its place and itself. */
  <T> List<T> list(String key, int most, Element<T> read) {
    JsonElement value = required(key, "a list");
    if (!(value instanceof JsonArray array)) {
      throw wrong(at(key), value, "a list");
    }
    if (array.size() > most) {
      throw ServingException.invalid(
          at(key) + ": " + array.size() + " elements (expected: at most " + most + ")");
    }
    List<T> elements = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      elements.add(read.of(at(key) + "[" + i + "]", array.get(i)));
    }
    return elements;
  }

  /** A constant by its name in lower case. */
  <E extends Enum<E>> E choice(String key, Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      names.add(constant.name().toLowerCase(Locale.ROOT));
    }
    String value = requiredString(key, "one of " + names);
    int index = names.indexOf(value);
    if (index < 0) {
      throw ServingException.invalid(
          at(key) + ": \"" + shown(value) + "\" (expected: one of " + names + ")");
    }
    return type.getEnumConstants()[index];
  }

  /** What {@code make} makes, where an illegal argument is a problem of this object. */
  <T> T made(Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(place.isEmpty() ? message(e) : place + ": " + message(e));
    }
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  /** Reads an element of a list. */
  @FunctionalInterface
  interface Element<T> {
    T of(String place, JsonElement value);
  }

  static String text(String place, JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return primitive.getAsString();
    }
    throw wrong(place, value, "a string");
  }

  static double number(String place, JsonElement value) {
    if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
      double number = primitive.getAsDouble();
      if (Double.isFinite(number)) {
        return number;
      }
    }
    throw wrong(place, value, "a number");
  }

  static ServingException wrong(String place, JsonElement value, String expected) {
    return ServingException.invalid(
        (place.isEmpty() ? "" : place + ": ")
            + shown(value.toString())
            + " (expected: "
            + expected
            + ")");
  }

  private static String shown(String value) {
    return value.length() <= MAX_SHOWN_CHARS ? value : value.substring(0, MAX_SHOWN_CHARS) + "...";
  }
}
