package io.salver.engine.tflite;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Makes the interpreters of a model: with XNNPACK's kernels, or, if the library refuses the model
 * with these and takes it without, without them. Thread-safe after {@link #first}.
 */
final class InterpreterMaker implements Supplier<Interpreter> {
  private final TfliteApi api;
  private final NativeModel model;
  private final ModelPorts ports;
  private final int threads;
  private final boolean resets;
  private final boolean idleOperators;
  private volatile boolean xnnpack = true;

  InterpreterMaker(
      TfliteApi api, NativeModel model, ModelPorts ports, int threads, ModelOutline outline) {
    this.api = api;
    this.model = model;
    this.ports = ports;
    this.threads = threads;
    this.resets = outline.hasVariables();
    this.idleOperators = outline.idleOperators();
  }

  /**
   * The first interpreter, which decides how the others are made.
   *
   * @throws Interpreter.RefusedException if the library refuses the model either way
   */
  Interpreter first(Path path, Logger log) {
    if (idleOperators) {
      return withoutXnnpack(path, log, "it has operators whose outputs nothing reads");
    }
    try {
      return get();
    } catch (Interpreter.RefusedException e) {
      return withoutXnnpack(path, log, e.getMessage());
    }
  }

  private Interpreter withoutXnnpack(Path path, Logger log, String reason) {
    xnnpack = false;
    Interpreter plain = get();
    log.log(Level.WARNING, "{0}: runs without XNNPACK: {1}", path, reason);
    return plain;
  }

  @Override
  public Interpreter get() {
    return new Interpreter(api, model.pointer(), ports.graphs(), threads, xnnpack, resets);
  }
}
