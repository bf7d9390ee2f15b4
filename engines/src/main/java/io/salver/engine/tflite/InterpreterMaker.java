package io.salver.engine.tflite;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes the interpreters of a model: with the delegate that is asked for, or with XNNPACK's
 * kernels, or, if the library refuses the model with these and takes it without, without them.
 * Thread-safe after {@link #first}.
 */
final class InterpreterMaker implements Supplier<Interpreter> {
  private final TfliteApi api;
  private final NativeModel model;
  private final ModelPorts ports;
  private final int threads;
  private final boolean resets;
  private final boolean idleOperators;
  private volatile Kernels kernels;

  /**
   * A maker.
   *
   * @param delegate what is to compute the operators, without anything in its place; empty for
   *     XNNPACK as far as it goes
   */
  InterpreterMaker(
      TfliteApi api,
      NativeModel model,
      ModelPorts ports,
      int threads,
      ModelOutline outline,
      Optional<ExternalDelegate> delegate) {
    this.api = api;
    this.model = model;
    this.ports = ports;
    this.threads = threads;
    this.resets = outline.hasVariables();
    this.idleOperators = outline.idleOperators();
    this.kernels = delegate.<Kernels>map(d -> d).orElseGet(() -> new Kernels.Xnnpack(api, threads));
  }

  /**
   * The first interpreter, which decides how the others are made.
   *
   * @throws Interpreter.RefusedException if the library refuses the model either way
   */
  Interpreter first(Path path, Logger log) {
    if (kernels instanceof ExternalDelegate) {
      return get();
    }
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
    kernels = new Kernels.Plain();
    Interpreter plain = get();
    log.log(Level.WARNING, "{0}: runs without XNNPACK: {1}", path, reason);
    return plain;
  }

  @Override
  public Interpreter get() {
    return new Interpreter(api, model.pointer(), ports.graphs(), threads, kernels, resets);
  }
}
