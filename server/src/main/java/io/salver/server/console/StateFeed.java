package io.salver.server.console;

import io.netty.buffer.Unpooled;
import io.salver.server.http.AnswerStream;
import io.salver.server.http.HttpExchange;
import io.salver.server.net.LoopContext;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Tells all listeners of the server's state, again and again, as server-sent events (HTML standard,
 * section 9.2).
 *
 * <p>What is sent is made once for all of them, and only while there is one. A listener that takes
 * nothing for {@link #PATIENCE} events is let go. Thread-safe.
 */
final class StateFeed implements AutoCloseable {
  /** How many may listen at once. */
  static final int MAX_LISTENERS = 32;

  /** How many events a listener may miss in a row. */
  static final int PATIENCE = 5;

  private static final System.Logger LOG = System.getLogger(StateFeed.class.getName());

  private final Supplier<byte[]> events;
  private final Runnable quiet;
  private final long periodNs;
  private final Set<Listener> listeners = new HashSet<>();
  private boolean running;
  private boolean closed;

  /**
   * A feed.
   *
   * @param events makes an event, complete with its field names and empty line
   * @param quiet called when nobody listens any more, by the thread that calls {@code events}
   * @param period the time between two events
   */
  StateFeed(Supplier<byte[]> events, Runnable quiet, Duration period) {
    this.events = events;
    this.quiet = quiet;
    this.periodNs = period.toNanos();
  }

  /** Answers with events from now on, or says that there are too many listeners. On the loop. */
  void answer(HttpExchange exchange) {
    if (!hasRoom()) {
      ConsoleFiles.text(
          exchange,
          503,
          "listeners: " + MAX_LISTENERS + " already (expected: fewer)\n",
          Map.of("retry-after", "10"));
      return;
    }
    AnswerStream stream =
        exchange.stream(200, "text/event-stream", Map.of("cache-control", "no-store"));
    add(new Listener(exchange.loop(), stream));
  }

  private synchronized boolean hasRoom() {
    return !closed && listeners.size() < MAX_LISTENERS;
  }

  private synchronized void add(Listener listener) {
    listeners.add(listener);
    if (!running) {
      running = true;
      Thread.ofVirtual().name("console-events").start(this::run);
    }
  }

  private synchronized void remove(Listener listener) {
    listeners.remove(listener);
  }

  /** Who listens; ends the run if nobody does. */
  private synchronized List<Listener> current() {
    running = !listeners.isEmpty() && !closed;
    return running ? List.copyOf(listeners) : List.of();
  }

  private void run() {
    List<Listener> current = current();
    while (!current.isEmpty()) {
      try {
        byte[] event = events.get();
        current.forEach(listener -> listener.loop.execute(() -> listener.send(event)));
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "the state could not be told", e);
      }
      LockSupport.parkNanos(periodNs);
      current = current();
    }
    quiet.run();
  }

  /** Lets all listeners go, and takes no others. */
  @Override
  public void close() {
    List<Listener> last;
    synchronized (this) {
      closed = true;
      last = List.copyOf(listeners);
      listeners.clear();
    }
    last.forEach(listener -> listener.loop.execute(listener::leave));
  }

  /** How many listen. */
  synchronized int size() {
    return listeners.size();
  }

  /** One client. Confined to the loop of its connection. */
  private final class Listener {
    private final LoopContext loop;
    private final AnswerStream stream;
    private int missed;

    Listener(LoopContext loop, AnswerStream stream) {
      this.loop = loop;
      this.stream = stream;
    }

    void send(byte[] event) {
      missed = stream.send(Unpooled.wrappedBuffer(event)) ? 0 : missed + 1;
      if (!stream.isOpen() || missed >= PATIENCE) {
        leave();
      }
    }

    void leave() {
      stream.end();
      remove(this);
    }
  }
}
