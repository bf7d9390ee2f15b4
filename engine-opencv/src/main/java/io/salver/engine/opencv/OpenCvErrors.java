package io.salver.engine.opencv;

import io.salver.predict.Category;
import io.salver.predict.ServingException;

/** What OpenCV's exceptions say, and who must act. */
final class OpenCvErrors {
  private static final int MAX_CHARS = 1_000;

  private OpenCvErrors() {}

  /** On one line. */
  static String message(RuntimeException e) {
    String text = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
  }

  /** As the answer to a request whose inputs had the right shapes. */
  static ServingException of(RuntimeException e) {
    String text = message(e);
    boolean memory = text.contains("Insufficient memory") || text.contains("OutOfMemoryError");
    return new ServingException(
        memory ? Category.RESOURCE_EXHAUSTED : Category.INTERNAL, "OpenCV: " + text, e);
  }
}
