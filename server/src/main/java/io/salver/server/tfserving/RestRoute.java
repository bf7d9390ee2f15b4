package io.salver.server.tfserving;

import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import io.salver.server.inference.PercentDecoder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a request to the REST API is for, by its method and path.
 *
 * <p>Accepts exactly what TensorFlow Serving's two regular expressions match, by hand because they
 * stand on the way of every prediction:
 *
 * <pre>
 * POST (?i)/v1/models/([^/:]+)(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?:(classify|regress|predict)
 * GET  (?i)/v1/models(?:/([^/:]+))?(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?(?:\/(metadata))?
 * </pre>
 *
 * <p>Predictions are also accepted where {@code endpoints} stands for {@code models}.
 */
sealed interface RestRoute {
  /** A prediction from a body in the predict format. */
  record Predict(String model, VersionSelector selector) implements RestRoute {}

  /** A classification or regression. */
  record Examples(ExampleMethod method, String model, VersionSelector selector)
      implements RestRoute {}

  /** The state of a model's versions. */
  record Status(String model, VersionSelector selector) implements RestRoute {}

  /** What a version says of its signatures. */
  record Metadata(String model, VersionSelector selector) implements RestRoute {}

  /** All models. */
  record Models() implements RestRoute {}

  /**
   * The route of a request.
   *
   * @param path not percent-decoded
   * @throws ServingException if there is none
   */
  static RestRoute of(String method, String path) {
    RestRoute route =
        switch (method) {
          case "POST" -> new Path(path).prediction();
          case "GET" -> new Path(path).question();
          default -> null;
        };
    if (route == null) {
      throw ServingException.invalid("Malformed request: " + method + " " + path);
    }
    return route;
  }

  /** A path that is read from left to right. */
  final class Path {
    private static final String PREFIX = "/v1/models";
    private static final String ENDPOINTS = "/v1/endpoints";
    private static final String VERSIONS = "/versions/";
    private static final String LABELS = "/labels/";
    private static final String METADATA = "/metadata";

    private final String path;
    private int at;
    private String model = "";
    private VersionSelector selector = VersionSelector.LATEST;

    private Path(String path) {
      this.path = path;
    }

    private @Nullable RestRoute prediction() {
      if (!(skip(PREFIX) || skip(ENDPOINTS))
          || !skip("/")
          || !readModel()
          || !readSelector()
          || !skip(":")) {
        return null;
      }
      return switch (path.substring(at).toLowerCase(Locale.ROOT)) {
        case "predict" -> new Predict(model, selector);
        case "classify" -> new Examples(ExampleMethod.CLASSIFY, model, selector);
        case "regress" -> new Examples(ExampleMethod.REGRESS, model, selector);
        default -> null;
      };
    }

    private @Nullable RestRoute question() {
      if (!skip(PREFIX)) {
        return null;
      }
      int start = at;
      if (isAtEnd()) {
        return new Models();
      }
      if (skip("/") && readModel() && readSelector()) {
        if (isAtEnd()) {
          return new Status(model, selector);
        }
        if (skip(METADATA) && isAtEnd()) {
          return new Metadata(model, selector);
        }
      }
      return withoutModel(start);
    }

    /** The expression lets the name out, and then there is something to say against it. */
    private @Nullable RestRoute withoutModel(int start) {
      at = start;
      if (readSelector() && (isAtEnd() || (skip(METADATA) && isAtEnd()))) {
        throw ServingException.invalid("Missing model name in request.");
      }
      return null;
    }

    private boolean isAtEnd() {
      return at == path.length();
    }

    private boolean skip(String expected) {
      if (!path.regionMatches(true, at, expected, 0, expected.length())) {
        return false;
      }
      at += expected.length();
      return true;
    }

    private boolean readModel() {
      String name = readName();
      model = name;
      return !name.isEmpty();
    }

    /** Up to the next slash or colon, percent-decoded. */
    private String readName() {
      int from = at;
      while (!isAtEnd() && path.charAt(at) != '/' && path.charAt(at) != ':') {
        at++;
      }
      return PercentDecoder.decode(path.substring(from, at), false);
    }

    /** Reads a version or a label if there is one; false if it is not complete. */
    private boolean readSelector() {
      if (skip(VERSIONS)) {
        int from = at;
        while (!isAtEnd() && path.charAt(at) >= '0' && path.charAt(at) <= '9') {
          at++;
        }
        if (from == at) {
          return false;
        }
        selector = new VersionSelector.Exact(version(path.substring(from, at)));
        return true;
      }
      if (skip(LABELS)) {
        String label = readName();
        selector = new VersionSelector.Labelled(label);
        return !label.isEmpty();
      }
      return true;
    }

    private static long version(String digits) {
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw ServingException.invalid("Failed to convert version: " + digits + " to numeric.");
      }
    }
  }
}
