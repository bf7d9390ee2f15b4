package io.salver.predict;

import io.salver.tensor.MemoryLimitException;
import org.jspecify.annotations.Nullable;

/**
 * The one exception that crosses the spine. Its message is for whoever {@link Category#actor()}
 * names, and carries the offending value and the expectation.
 *
 * <p>Has a stack trace only where {@link Category#actor()} is a bug: the others are everyday
 * answers and have to be cheap.
 */
public final class ServingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Category category;

  public ServingException(Category category, String message) {
    this(category, message, null);
  }

  public ServingException(Category category, String message, @Nullable Throwable cause) {
    super(message, cause, false, category.actor() == Category.Actor.BUG);
    this.category = category;
  }

  /** A request that is wrong in itself. */
  public static ServingException invalid(String message) {
    return new ServingException(Category.INVALID_ARGUMENT, message);
  }

  /** A request for more memory than one may have, or than is left. */
  public static ServingException of(MemoryLimitException limit) {
    Category category = limit.isPassing() ? Category.RESOURCE_EXHAUSTED : Category.INVALID_ARGUMENT;
    return new ServingException(category, String.valueOf(limit.getMessage()), limit);
  }

  /** What kind of failure it was. */
  public Category category() {
    return category;
  }

  /** The message; never null. */
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? "" : message;
  }
}
