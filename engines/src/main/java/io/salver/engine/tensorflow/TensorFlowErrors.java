package io.salver.engine.tensorflow;

import io.salver.engine.ModelLoadException;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** TensorFlow's failures in Salver's terms. */
final class TensorFlowErrors {
  /** TensorFlow's codes are gRPC's, and so are the categories, in the same order from code 1 on. */
  private static final Category[] CATEGORIES = Category.values();

  private static final int MAX_LENGTH = 1024;
  private static final Pattern MISSING_OP =
      Pattern.compile("Op type not registered '([^']+)'", Pattern.DOTALL);

  /** The lists of nodes at the end of a message, as in {@code [[{{node y}}]]}. */
  private static final Pattern NODES = Pattern.compile("\\s*\\[\\[.*?\\]\\]", Pattern.DOTALL);

  private static final Pattern FIRST_OF_SEVERAL =
      Pattern.compile(
          "root error\\(s\\) found\\.\\s*\\(0\\) [A-Z_]+: (.*?)\\s*\\(1\\) ", Pattern.DOTALL);

  private TensorFlowErrors() {}

  /** What to throw for a status that is not OK after a run. */
  static ServingException ofRun(long status) {
    int code = CApi.code(status);
    Category category =
        code >= 1 && code <= CATEGORIES.length ? CATEGORIES[code - 1] : Category.UNKNOWN;
    return new ServingException(category, shorten(CApi.message(status)));
  }

  /** What to throw for a status that is not OK after a load of {@code place}. */
  static ModelLoadException ofLoad(Object place, long status) {
    String message = CApi.message(status);
    Matcher missing = MISSING_OP.matcher(message);
    if (missing.find()) {
      return new ModelLoadException(
          place
              + ": needs the operation \""
              + missing.group(1)
              + "\" (expected: one that TensorFlow "
              + CApi.version()
              + " has)");
    }
    return new ModelLoadException(place + ": TensorFlow: " + shorten(message));
  }

  /** A message without what only says where in TensorFlow it came from. */
  static String shorten(String message) {
    Matcher several = FIRST_OF_SEVERAL.matcher(message);
    String first = several.find() ? several.group(1) : message;
    String text = NODES.matcher(first).replaceAll("").strip();
    return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
  }
}
