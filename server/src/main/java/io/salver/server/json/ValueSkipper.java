package io.salver.server.json;

import java.util.Arrays;

/** Passes over JSON values of any depth without recursion, checking their grammar. */
final class ValueSkipper {
  private final JsonReader reader;

  /** One bit for each open list or object: whether it is an object. */
  private long[] nesting = new long[4];

  ValueSkipper(JsonReader reader) {
    this.reader = reader;
  }

  /** Passes over the next value. */
  void skip() {
    int depth = 0;
    do {
      int first = reader.peek();
      boolean opened = false;
      switch (first) {
        case '{' -> opened = reader.firstMember();
        case '[' -> opened = reader.firstElement();
        default -> skipScalar(first);
      }
      if (opened) {
        push(depth++, first == '{');
      } else {
        depth = close(depth);
      }
    } while (depth > 0);
  }

  /** Leaves what ends here; returns how many lists and objects are still open. */
  private int close(int depth) {
    int open = depth;
    while (open > 0 && !(isObject(open - 1) ? reader.nextMember() : reader.nextElement())) {
      open--;
    }
    return open;
  }

  private void push(int depth, boolean object) {
    int word = depth >>> 6;
    if (word == nesting.length) {
      nesting = Arrays.copyOf(nesting, 2 * word);
    }
    long bit = 1L << depth;
    nesting[word] = object ? nesting[word] | bit : nesting[word] & ~bit;
  }

  private boolean isObject(int depth) {
    return (nesting[depth >>> 6] >>> depth & 1) != 0;
  }

  private void skipScalar(int first) {
    switch (first) {
      case '"' -> reader.readString();
      case 't', 'f' -> reader.readBoolean();
      case 'n' -> reader.readNull();
      default -> skipNumber();
    }
  }

  private void skipNumber() {
    if (reader.isFiniteNumber()) {
      reader.readNumber();
    } else {
      reader.readDouble();
    }
  }
}
