package io.salver.engine.torch;

import org.bytedeco.pytorch.IValue;

/** A value that outlives the scope in which it was made, until it is closed. */
final class Literal implements AutoCloseable {
  private final IValue value;

  private Literal(IValue value) {
    this.value = value;
  }

  static Literal copyOf(IValue value) {
    return new Literal(new IValue(value).retainReference());
  }

  static Literal none() {
    return new Literal(new IValue().retainReference());
  }

  IValue value() {
    return value;
  }

  @Override
  public void close() {
    value.releaseReference();
  }
}
