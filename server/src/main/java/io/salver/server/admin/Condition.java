package io.salver.server.admin;

import io.salver.endpoint.Endpoints;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.server.http.HttpExchange;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Under which condition a request changes an endpoint, by its headers {@code if-match} and {@code
 * if-none-match}.
 *
 * @param revision the one that the endpoint has to have; empty for any
 */
record Condition(OptionalLong revision) {
  private static final Pattern TAG = Pattern.compile("\"(\\d{1,18})\"");
  private static final int PRECONDITION_FAILED = 412;

  static Condition of(HttpExchange exchange) {
    String match = exchange.header("if-match");
    String noneMatch = exchange.header("if-none-match");
    if (noneMatch != null) {
      if (!noneMatch.equals("*") || match != null) {
        throw ServingException.invalid(
            "if-none-match: " + noneMatch + " (expected: *, and no if-match)");
      }
      return new Condition(OptionalLong.of(Endpoints.ABSENT));
    }
    if (match == null) {
      return new Condition(OptionalLong.empty());
    }
    Matcher tag = TAG.matcher(match);
    if (!tag.matches()) {
      throw ServingException.invalid(
          "if-match: " + match + " (expected: a revision in quotation marks, as \"7\")");
    }
    return new Condition(OptionalLong.of(Long.parseLong(tag.group(1))));
  }

  /** What {@code work} answers; a revision that is another is answered as HTTP has it. */
  ControlAnswer answer(Supplier<ControlAnswer> work) {
    try {
      return work.get();
    } catch (ServingException e) {
      if (revision.isPresent() && e.category() == Category.ABORTED) {
        return ControlAnswer.error(PRECONDITION_FAILED, e.getMessage());
      }
      throw e;
    }
  }
}
