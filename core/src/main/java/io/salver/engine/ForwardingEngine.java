package io.salver.engine;

import java.util.Map;
import java.util.Set;

/**
 * An engine around another one, which answers for it in all that a subclass does not override; how
 * models are loaded is the subclass's to say. Thread-safe as the other engine is.
 */
public abstract class ForwardingEngine implements Engine {
  private final Engine engine;

  /** Wraps {@code engine}, and closes it when it is closed itself. */
  protected ForwardingEngine(Engine engine) {
    this.engine = engine;
  }

  /** The engine that is wrapped. */
  protected final Engine engine() {
    return engine;
  }

  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public Inspection inspect(ModelFiles files) {
    return engine.inspect(files);
  }

  @Override
  public Map<String, String> describe(ModelFiles files) throws ModelLoadException {
    return engine.describe(files);
  }

  @Override
  public Set<String> deviceKinds() {
    return engine.deviceKinds();
  }

  @Override
  public void close() {
    engine.close();
  }
}
