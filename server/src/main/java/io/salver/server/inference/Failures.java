package io.salver.server.inference;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.tensor.MemoryLimitException;
import io.salver.wire.WireFormatException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What the caller is told of what went wrong while a request was read or answered. */
public final class Failures {
  private static final Logger LOG = System.getLogger(Failures.class.getName());

  private Failures() {}

  /** The failure to answer with; a surprise is logged, for its cause is in Salver. */
  public static ServingException of(Throwable thrown) {
    return switch (thrown) {
      case ServingException e -> e;
      case WireFormatException e -> ServingException.invalid(message(e));
      case MemoryLimitException e -> ServingException.of(e);
      case OutOfMemoryError e -> new ServingException(Category.RESOURCE_EXHAUSTED, message(e), e);
      default -> {
        LOG.log(Level.ERROR, "A request failed in an unforeseen way", thrown);
        yield new ServingException(Category.INTERNAL, thrown.toString(), thrown);
      }
    };
  }

  /** Its message in words, whatever it is. */
  public static String message(Throwable thrown) {
    return String.valueOf(thrown.getMessage());
  }
}
