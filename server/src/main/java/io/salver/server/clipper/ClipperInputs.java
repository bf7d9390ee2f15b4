package io.salver.server.clipper;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.salver.predict.ServingException;
import io.salver.tensor.Signature;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** What Clipper's clients send, and what it is here. Stateless. */
final class ClipperInputs {
  /** The most inputs of a batch. */
  static final int MAX_BATCH = 1_000;

  private ClipperInputs() {}

  /**
   * The inputs of a request for predictions.
   *
   * @throws ServingException INVALID_ARGUMENT if there are none, or too many
   */
  static List<JsonElement> read(JsonObject body) {
    JsonElement one = body.get("input");
    JsonElement batch = body.get("input_batch");
    if ((one == null) == (batch == null)) {
      throw ServingException.invalid(
          "keys: " + body.keySet() + " (expected: either input or input_batch)");
    }
    if (one != null) {
      return List.of(input(one));
    }
    if (!(batch instanceof JsonArray array) || array.isEmpty() || array.size() > MAX_BATCH) {
      throw ServingException.invalid(
          "input_batch: "
              + (batch instanceof JsonArray array ? array.size() + " inputs" : "no list")
              + " (expected: a list of 1 to "
              + MAX_BATCH
              + " inputs)");
    }
    return array.asList().stream().map(ClipperInputs::input).toList();
  }

  private static JsonElement input(JsonElement input) {
    if (input.isJsonNull()) {
      throw ServingException.invalid("input: null (expected: numbers, a string or an object)");
    }
    return input;
  }

  /**
   * The feedback that an update stands for: whose prediction it is about is found by the input.
   *
   * @throws ServingException INVALID_ARGUMENT if something is missing or of another type
   */
  static JsonObject feedback(JsonObject body) {
    JsonElement uid = body.get("uid");
    JsonElement input = body.get("input");
    JsonElement label = body.get("label");
    if (uid == null || input == null || label == null) {
      throw ServingException.invalid(
          "keys: " + body.keySet() + " (expected: uid, input and label)");
    }
    if (!(label instanceof JsonPrimitive number) || !number.isNumber()) {
      throw ServingException.invalid("label: " + label + " (expected: a number)");
    }
    JsonObject feedback = new JsonObject();
    feedback.addProperty("join_key", joinKey(input(input)));
    feedback.add("label", label);
    return feedback;
  }

  /** Whether a row is one value, for which Clipper's clients send a list of one. */
  static boolean takesScalars(Signature signature) {
    return signature.inputs().size() == 1 && signature.inputs().getFirst().shape().rank() == 1;
  }

  /** The body of TensorFlow Serving's request for the same. */
  static byte[] instances(JsonElement input, boolean scalar) {
    JsonElement row =
        scalar && input instanceof JsonArray list && list.size() == 1 ? list.get(0) : input;
    JsonArray rows = new JsonArray();
    rows.add(row);
    JsonObject body = new JsonObject();
    body.add("instances", rows);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** By what an update finds the prediction of this input: the same for the same JSON. */
  static String joinKey(JsonElement input) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(input.toString().getBytes(StandardCharsets.UTF_8));
      return "clipper:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
