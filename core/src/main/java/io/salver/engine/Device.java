package io.salver.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a model's operations are computed on.
 *
 * @param kind what it is, as {@code cpu}, or an engine's word for an accelerator, as {@code cuda};
 *     lower case
 * @param index which one of its kind, from 0
 */
public record Device(String kind, int index) {
  private static final Pattern TEXT = Pattern.compile("([a-z][a-z0-9_]{0,31})(?::([0-9]{1,3}))?");

  /** The machine's processors, all of them. */
  public static final Device CPU = new Device("cpu", 0);

  public Device {
    boolean named = TEXT.matcher(kind).matches() && kind.indexOf(':') < 0;
    if (!named || index < 0 || (kind.equals("cpu") && index > 0)) {
      throw wrong(kind + ":" + index);
    }
  }

  /**
   * Reads what {@link #toString} writes; without an index, the first.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Device parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text);
    }
    String index = matcher.group(2);
    Device device = new Device(matcher.group(1), index == null ? 0 : Integer.parseInt(index));
    if (device.isCpu() && index != null) {
      throw wrong(text);
    }
    return device;
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "device: " + text + " (expected: cpu, or a kind of accelerator and its number, as cuda:0)");
  }

  /** Whether it is the machine's own processors. */
  public boolean isCpu() {
    return kind.equals("cpu");
  }

  /** As {@code cuda:0}; {@code cpu} without a number. */
  @Override
  public String toString() {
    return isCpu() ? kind : kind + ":" + index;
  }
}
