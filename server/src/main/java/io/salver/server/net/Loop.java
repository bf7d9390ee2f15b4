package io.salver.server.net;

import io.netty.channel.EventLoop;
import io.salver.predict.Turn;
import io.salver.tensor.ArenaPool;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What belongs to one event loop: memory that is reused, and the connections that it serves. */
public final class Loop implements LoopContext {
  private final EventLoop executor;
  private final ArenaPool arenas;
  private final LoopMemory memory;
  private final BufferPool buffers;
  private final Set<Connection> connections = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Turn turn;
  private volatile int openConnections;
  private boolean draining;

  Loop(EventLoop executor, ListenerConfig config) {
    this.executor = executor;
    this.turn = new Turn(executor);
    this.arenas = new ArenaPool(config.requestLimitBytes(), config.requestMemory());
    this.memory = new LoopMemory(config.requestMemory());
    this.buffers = new BufferPool(memory);
  }

  @Override
  public ArenaPool arenas() {
    return arenas;
  }

  /** What the requests that are being read take. On the loop. */
  public LoopMemory memory() {
    return memory;
  }

  @Override
  public Turn turn() {
    return turn;
  }

  /** Arrays for request bodies. On the loop. */
  public BufferPool buffers() {
    return buffers;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public boolean inLoop() {
    return executor.inEventLoop();
  }

  /** Connections that are open on this loop. By any thread. */
  int openConnections() {
    return openConnections;
  }

  /** Fails the caller that is not on the loop. */
  public void requireInLoop() {
    if (!executor.inEventLoop()) {
      throw new IllegalStateException(
          "thread: " + Thread.currentThread().getName() + " (expected: the connection's own loop)");
    }
  }

  /**
   * Says that {@code connection} is served from now on. If the listener drains already, it is told
   * to drain at once. On the loop.
   */
  public void opened(Connection connection) {
    connections.add(connection);
    openConnections = connections.size();
    if (draining) {
      connection.drain();
    }
  }

  /** Says that {@code connection} is gone. On the loop. */
  public void closed(Connection connection) {
    connections.remove(connection);
    openConnections = connections.size();
  }

  void drain() {
    draining = true;
    List.copyOf(connections).forEach(Connection::drain);
  }

  void abort() {
    List.copyOf(connections).forEach(Connection::abort);
  }

  boolean isEmpty() {
    return connections.isEmpty();
  }

  int unanswered() {
    return connections.stream().mapToInt(Connection::unanswered).sum();
  }

  EventLoop executor() {
    return executor;
  }

  void end() {
    arenas.close();
  }
}
