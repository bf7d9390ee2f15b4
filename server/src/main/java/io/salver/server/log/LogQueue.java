package io.salver.server.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * A bounded queue, and a thread of its own that writes what is in it. Who has something to say
 * never waits: what does not fit is dropped and counted, and so is what cannot be written.
 * Thread-safe.
 *
 * @param <T> what is written
 */
public final class LogQueue<T> implements AutoCloseable {
  private static final Logger LOG = System.getLogger(LogQueue.class.getName());
  private static final long CLOSE_SECONDS = 10;

  /** Writes; used by the queue's thread only. */
  public interface Writer<T> extends AutoCloseable {
    /** Writes an entry; false if it cannot. */
    boolean write(T entry);

    /** Has others see what was written: nothing waits at the moment. */
    void flush();

    @Override
    void close();
  }

  /** An entry; without one, the end. */
  private record Slot<T>(Optional<T> entry, long bytes) {}

  private final String name;
  private final long maxBytes;
  private final BlockingQueue<Slot<T>> queue;
  private final AtomicLong queuedBytes = new AtomicLong();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder written = new LongAdder();
  private final Thread thread;
  private volatile boolean closed;

  /**
   * A queue, whose thread waits for entries at once.
   *
   * @param name what it is called in the log, as {@code request log}
   * @param capacity how many entries may wait, at least 1
   * @param maxBytes how many bytes they may have together
   */
  public LogQueue(String name, int capacity, long maxBytes, Writer<T> writer) {
    this.name = name;
    this.maxBytes = maxBytes;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("salver-" + name.replace(' ', '-'))
            .start(() -> write(writer));
  }

  /**
   * Has an entry written some time, or drops it.
   *
   * @param bytes what it takes
   */
  public void add(T entry, long bytes) {
    if (!offer(new Slot<>(Optional.of(entry), bytes))) {
      dropped.increment();
    }
  }

  private boolean offer(Slot<T> slot) {
    if (closed) {
      return false;
    }
    if (queuedBytes.addAndGet(slot.bytes()) <= maxBytes && queue.offer(slot)) {
      return true;
    }
    queuedBytes.addAndGet(-slot.bytes());
    return false;
  }

  private void write(Writer<T> writer) {
    try (writer) {
      for (Slot<T> slot = queue.take(); slot.entry().isPresent(); slot = queue.take()) {
        queuedBytes.addAndGet(-slot.bytes());
        if (writer.write(slot.entry().get())) {
          written.increment();
        } else {
          dropped.increment();
        }
        if (queue.isEmpty()) {
          writer.flush();
        }
      }
    } catch (InterruptedException e) {
      LOG.log(Level.WARNING, "The " + name + " was interrupted; what waited is lost");
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "The " + name + " ended; nothing more is written", e);
    } finally {
      closed = true;
    }
  }

  /** Entries that were not written. */
  public long dropped() {
    return dropped.sum();
  }

  /** Entries that were. */
  public long written() {
    return written.sum();
  }

  /** Writes what waits, and ends. What is added afterwards is dropped. */
  @Override
  public void close() {
    closed = true;
    try {
      Slot<T> end = new Slot<>(Optional.empty(), 0);
      if (thread.isAlive()
          && (!queue.offer(end, CLOSE_SECONDS, TimeUnit.SECONDS)
              || !thread.join(Duration.ofSeconds(CLOSE_SECONDS)))) {
        LOG.log(Level.WARNING, "The " + name + " could not write everything in time");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      thread.interrupt();
    }
  }
}
