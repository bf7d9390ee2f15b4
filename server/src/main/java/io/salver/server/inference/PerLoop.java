package io.salver.server.inference;

import io.salver.server.net.LoopContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * One {@code T} for each event loop, made when it is first asked for and used again and again.
 * Thread-safe.
 */
public final class PerLoop<T> {
  private final Map<LoopContext, T> values = new ConcurrentHashMap<>();
  private final Supplier<T> maker;

  /** Makes what it hands out by {@code maker}. */
  public PerLoop(Supplier<T> maker) {
    this.maker = maker;
  }

  /** What belongs to {@code loop}, to be used on it. */
  public T of(LoopContext loop) {
    T known = values.get(loop);
    return known != null ? known : values.computeIfAbsent(loop, _ -> maker.get());
  }
}
