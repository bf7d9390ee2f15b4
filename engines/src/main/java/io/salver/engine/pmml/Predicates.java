package io.salver.engine.pmml;

import java.util.Arrays;

/**
 * Predicates in flat arrays: what is asked, of which value, and against what. Each is known by its
 * number. Immutable and thread-safe.
 */
final class Predicates {
  static final int FALSE = 0;
  static final int TRUE = 1;
  static final int UNKNOWN = 2;

  /** What a predicate asks. */
  enum Question {
    ALWAYS,
    NEVER,
    EQUAL,
    NOT_EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL,
    MISSING,
    NOT_MISSING,
    IN,
    NOT_IN,
    AND,
    OR,
    XOR,
    SURROGATE
  }

  private final Question[] questions;

  /** By simple predicate: the value that it asks of. */
  private final int[] slots;

  /** By predicate: what the value is compared with. */
  private final double[] operands;

  /** By predicate that asks for a set: the set, sorted. */
  private final double[][] sets;

  /** By compound predicate: its parts. */
  private final int[][] parts;

  Predicates(Question[] questions, int[] slots, double[] operands, double[][] sets, int[][] parts) {
    this.questions = questions;
    this.slots = slots;
    this.operands = operands;
    this.sets = sets;
    this.parts = parts;
  }

  /** What predicate {@code i} says of a row: {@link #TRUE}, {@link #FALSE}, {@link #UNKNOWN}. */
  int test(int i, Row row) {
    Question question = questions[i];
    switch (question) {
      case ALWAYS -> {
        return TRUE;
      }
      case NEVER -> {
        return FALSE;
      }
      case AND, OR, XOR, SURROGATE -> {
        return compound(question, parts[i], row);
      }
      case EQUAL,
          NOT_EQUAL,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          MISSING,
          NOT_MISSING,
          IN,
          NOT_IN -> {
        return simple(question, row.values[slots[i]], i);
      }
    }
    throw new AssertionError(question);
  }

  private int simple(Question question, double x, int i) {
    boolean isMissing = Double.isNaN(x);
    if (question == Question.MISSING || question == Question.NOT_MISSING) {
      return isMissing == (question == Question.MISSING) ? TRUE : FALSE;
    }
    if (isMissing) {
      return UNKNOWN;
    }
    double operand = operands[i];
    boolean answer =
        switch (question) {
          case EQUAL -> x == operand;
          case NOT_EQUAL -> x != operand;
          case LESS -> x < operand;
          case LESS_OR_EQUAL -> x <= operand;
          case GREATER -> x > operand;
          case GREATER_OR_EQUAL -> x >= operand;
          case IN -> Arrays.binarySearch(sets[i], 0 + x) >= 0;
          case NOT_IN -> Arrays.binarySearch(sets[i], 0 + x) < 0;
          case ALWAYS, NEVER, MISSING, NOT_MISSING, AND, OR, XOR, SURROGATE ->
              throw new AssertionError(question);
        };
    return answer ? TRUE : FALSE;
  }

  private int compound(Question question, int[] of, Row row) {
    boolean isUnknown = false;
    int trues = 0;
    for (int part : of) {
      int answer = test(part, row);
      if (answer == UNKNOWN) {
        isUnknown = true;
      } else if (question == Question.SURROGATE
          || question == Question.AND && answer == FALSE
          || question == Question.OR && answer == TRUE) {
        return answer;
      }
      trues += answer == TRUE ? 1 : 0;
    }
    return switch (question) {
      case AND -> isUnknown ? UNKNOWN : TRUE;
      case OR -> isUnknown ? UNKNOWN : FALSE;
      case XOR -> isUnknown ? UNKNOWN : trues % 2 == 1 ? TRUE : FALSE;
      default -> UNKNOWN;
    };
  }
}
