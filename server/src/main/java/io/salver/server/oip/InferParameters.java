package io.salver.server.oip;

import io.salver.predict.ServingException;

/**
 * The parameters of a request. Those that mean nothing here are let pass, as Triton gives them to
 * the model's engine, except that Triton keeps names that begin with {@code triton_} for itself.
 * Used by one thread, for one request after the other.
 */
final class InferParameters {
  private static final String RESERVED = "triton_";
  private static final long NS_PER_MICROSECOND = 1_000;

  private String signature = "";
  private int priority;
  private long queueTimeoutNs;
  private boolean marksFinal;
  private boolean binaryOutputs;

  /** Forgets the last request. */
  void clear() {
    signature = "";
    priority = 0;
    queueTimeoutNs = 0;
    marksFinal = false;
    binaryOutputs = false;
  }

  /**
   * Takes a parameter.
   *
   * @param value a String, Boolean, Long or Double; an integer beyond 63 bits as a Double
   * @param rest whether it came over REST, where clients may set nothing that is Triton's
   */
  void accept(String key, Object value, boolean rest) {
    switch (key) {
      case "sequence_id" -> checkSequenceId(value);
      case "sequence_start", "sequence_end" -> asBoolean(key, value);
      case "priority" -> priority = (int) Math.min(asCount(key, value), Integer.MAX_VALUE);
      case "timeout" ->
          queueTimeoutNs =
              Math.min(asCount(key, value), Long.MAX_VALUE / NS_PER_MICROSECOND)
                  * NS_PER_MICROSECOND;
      case "binary_data_output" -> binaryOutputs = asBoolean(key, value);
      case "signature_name" -> signature = asString(key, value);
      default -> acceptOther(key, value, rest);
    }
  }

  private void acceptOther(String key, Object value, boolean rest) {
    if (!key.startsWith(RESERVED)) {
      return;
    }
    if (rest || !key.equals("triton_enable_empty_final_response")) {
      throw ServingException.invalid(
          "parameter keys starting with 'triton_' are reserved for Triton usage and should not be"
              + " specified: "
              + key);
    }
    marksFinal = asBoolean(key, value);
  }

  private static void checkSequenceId(Object value) {
    if (!(value instanceof String)) {
      long unused = asCount("sequence_id", value);
    }
  }

  static boolean asBoolean(String key, Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw wrong(key, value, "true or false");
  }

  static long asCount(String key, Object value) {
    if (value instanceof Long count && count >= 0) {
      return count;
    }
    throw wrong(key, value, "an integer from 0 to 2^63 - 1");
  }

  static String asString(String key, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key, value, "a string");
  }

  private static ServingException wrong(String key, Object value, String expected) {
    return ServingException.invalid(
        "parameter '" + key + "': " + value + " (expected: " + expected + ")");
  }

  /** The name of the signature to call; empty for the default one. */
  String signature() {
    return signature;
  }

  /** 1 is the highest; 0 for the default. */
  int priority() {
    return priority;
  }

  /** How long it may wait to be run; 0 for the default. */
  long queueTimeoutNs() {
    return queueTimeoutNs;
  }

  /** Whether the last answer to the request is to be marked. */
  boolean marksFinal() {
    return marksFinal;
  }

  /** Whether outputs that say nothing else are to come in binary form. */
  boolean binaryOutputs() {
    return binaryOutputs;
  }
}
