package io.salver.engine.process;

import org.jspecify.annotations.Nullable;

/** A worker that cannot be used any more, and has to be ended. */
public final class BrokenWorkerException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong with it. */
  public enum Fault {
    /** It has ended, or closed its connection. */
    GONE,
    /** It did not answer in time. */
    LATE,
    /** It answered what nobody understands. */
    GARBAGE
  }

  private final Fault fault;

  public BrokenWorkerException(Fault fault, String message) {
    this(fault, message, null);
  }

  public BrokenWorkerException(Fault fault, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** An answer that breaks the protocol. */
  public static BrokenWorkerException garbage(String message) {
    return new BrokenWorkerException(Fault.GARBAGE, message);
  }

  /** What is wrong with the worker. */
  public Fault fault() {
    return fault;
  }

  /** The message; never null. */
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
