package io.salver.engine.torch;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.List;

/** What libtorch's exceptions say, and who must act. */
final class TorchErrors {
  private static final String STACK = "\nException raised from";
  private static final int MAX_CHARS = 2_000;

  /** Signs of what no other input would have made better. */
  private static final List<String> INTERNAL =
      List.of("INTERNAL ASSERT FAILED", "Could not run '", "NotImplementedError", "CUDA");

  private static final List<String> MEMORY =
      List.of("not enough memory", "can't allocate memory", "std::bad_alloc");

  private TorchErrors() {}

  /** What it says, without the stack of C++ that follows. */
  static String message(RuntimeException e) {
    String all = String.valueOf(e.getMessage());
    int stack = all.indexOf(STACK);
    String text = (stack < 0 ? all : all.substring(0, stack)).strip();
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "...";
  }

  /**
   * As the answer to a request. The code of a model checks its inputs by failing over them, so that
   * is whose fault it is taken to be, unless it says otherwise.
   */
  static ServingException of(RuntimeException e) {
    String text = message(e);
    String reason = text.lines().filter(line -> !line.isBlank()).reduce((a, b) -> b).orElse(text);
    if (MEMORY.stream().anyMatch(text::contains)) {
      return new ServingException(Category.RESOURCE_EXHAUSTED, "forward: " + reason, e);
    }
    if (INTERNAL.stream().anyMatch(text::contains)) {
      return new ServingException(Category.INTERNAL, "forward: " + text, e);
    }
    return new ServingException(Category.INVALID_ARGUMENT, "forward: " + reason, e);
  }
}
