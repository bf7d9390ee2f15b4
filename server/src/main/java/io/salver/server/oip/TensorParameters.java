package io.salver.server.oip;

import io.salver.predict.ServingException;

/**
 * The parameters of an input or of a requested output; others mean nothing and are let pass. Used
 * by one thread, for one tensor after the other.
 */
final class TensorParameters {
  static final long UNSET = -1;

  private String region = "";
  private long regionOffset;
  private long regionSize;
  private long classes;
  private long binarySize;
  private boolean binarySet;
  private boolean binary;

  /** Forgets the last tensor. */
  void clear() {
    region = "";
    regionOffset = 0;
    regionSize = UNSET;
    classes = UNSET;
    binarySize = UNSET;
    binarySet = false;
    binary = false;
  }

  /** Takes a parameter; see {@link InferParameters#accept}. */
  void accept(String key, Object value) {
    switch (key) {
      case "shared_memory_region" -> region = InferParameters.asString(key, value);
      case "shared_memory_offset" -> regionOffset = InferParameters.asCount(key, value);
      case "shared_memory_byte_size" -> regionSize = InferParameters.asCount(key, value);
      case "classification" -> classes = InferParameters.asCount(key, value);
      case "binary_data_size" -> binarySize = InferParameters.asCount(key, value);
      case "binary_data" -> {
        binarySet = true;
        binary = InferParameters.asBoolean(key, value);
      }
      default -> {}
    }
  }

  boolean hasRegion() {
    return !region.isEmpty();
  }

  String region() {
    return region;
  }

  long regionOffset() {
    return regionOffset;
  }

  /** The size of the part of the region. */
  long regionSize() {
    if (regionSize == UNSET) {
      throw ServingException.invalid(
          "'shared_memory_byte_size' must be specified along with 'shared_memory_region': region '"
              + region
              + "'");
    }
    return regionSize;
  }

  /** How many classes an output is to name; {@link #UNSET} for the output itself. */
  long classes() {
    return classes;
  }

  /** The size of an input's binary data; {@link #UNSET} if it is not in binary form. */
  long binarySize() {
    return binarySize;
  }

  /** Whether an output is to come in binary form, or what the request says of all. */
  boolean binaryOr(boolean otherwise) {
    return binarySet ? binary : otherwise;
  }
}
