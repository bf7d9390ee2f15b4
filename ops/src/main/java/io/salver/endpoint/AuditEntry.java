package io.salver.endpoint;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * One action on the control side.
 *
 * @param id rises with time; 0 until it is kept
 * @param time in milliseconds
 * @param actor who asked for it
 * @param action as {@code put}
 * @param target to what, as {@code endpoint/churn}
 * @param detail what else there is to say, in words; may be empty
 * @param outcome {@link #DONE}, or why not
 */
public record AuditEntry(
    long id,
    Instant time,
    String actor,
    String action,
    String target,
    String detail,
    String outcome) {
  /** The outcome of what was done. */
  public static final String DONE = "done";

  private static final int MAX_NAME_CHARS = 256;
  private static final int MAX_TEXT_CHARS = 4_096;

  /** An entry; texts that are too long are cut. */
  public AuditEntry {
    time = time.truncatedTo(ChronoUnit.MILLIS);
    actor = cut(actor, MAX_NAME_CHARS);
    action = cut(action, MAX_NAME_CHARS);
    target = cut(target, MAX_NAME_CHARS);
    detail = cut(detail, MAX_TEXT_CHARS);
    outcome = cut(outcome, MAX_TEXT_CHARS);
  }

  private static String cut(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(maxChars - 1));
    return text.substring(0, splitsPair ? maxChars - 1 : maxChars);
  }

  /** The same with the id under which it is kept. */
  AuditEntry withId(long given) {
    return new AuditEntry(given, time, actor, action, target, detail, outcome);
  }
}
