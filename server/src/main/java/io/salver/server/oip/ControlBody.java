package io.salver.server.oip;

import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import io.salver.server.json.JsonReader;

/** Reads the JSON objects of control requests. Stateless. */
final class ControlBody {
  private ControlBody() {}

  /** Takes the members of an object. */
  @FunctionalInterface
  interface Members {
    /** Reads the value of a member, at which {@code in} is. */
    void read(String name, JsonReader in);
  }

  /**
   * Reads the body, if there is one.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not one JSON object, or a member is refused
   */
  static void read(HttpExchange exchange, Members members) {
    if (exchange.bodyLength() == 0) {
      return;
    }
    JsonReader in = new JsonReader();
    in.reset(exchange.body(), exchange.bodyLength());
    if (in.peek() == -1) {
      return;
    }
    object(in, members);
    if (in.peek() != -1) {
      throw in.syntaxError("The document root must not be followed by other values.");
    }
  }

  /** Reads the object at {@code in}. */
  static void object(JsonReader in, Members members) {
    for (boolean more = in.firstMember(); more; more = in.nextMember()) {
      members.read(in.string(), in);
    }
  }

  /**
   * Reads a number that is not negative.
   *
   * @return as unsigned
   */
  static long unsigned(String name, JsonReader in) {
    int start = in.position();
    if (in.isFiniteNumber()) {
      in.readNumber();
      if (in.isInteger() && !in.isNegative()) {
        return in.magnitude();
      }
    }
    throw wrong(name, start, in, "an unsigned number of 64 bits");
  }

  static boolean bool(String name, JsonReader in) {
    int next = in.peek();
    if (next != 't' && next != 'f') {
      throw wrong(name, in.position(), in, "true or false");
    }
    return in.readBoolean();
  }

  static String string(String name, JsonReader in) {
    if (in.peek() != '"') {
      throw wrong(name, in.position(), in, "a string");
    }
    in.readString();
    return in.string();
  }

  /** Passes a null, if the next value is one. */
  static boolean isNull(JsonReader in) {
    if (in.peek() != 'n') {
      return false;
    }
    in.readNull();
    return true;
  }

  private static ServingException wrong(String name, int start, JsonReader in, String expected) {
    return ServingException.invalid(
        name + ": " + in.debug(start) + " (expected: " + expected + ")");
  }
}
