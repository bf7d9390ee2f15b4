package io.salver.engine.tflite;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The interpreters of one model: made when they are needed, up to a bound; past that, whoever wants
 * one waits. Thread-safe.
 */
final class InterpreterPool implements AutoCloseable {
  private final Supplier<Interpreter> maker;
  private final int bound;
  private final long maxKeptBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Interpreter> idle = new ArrayDeque<>();
  private int made;
  private int waiting;

  /**
   * A pool that holds {@code first}.
   *
   * @param maxKeptBytes an interpreter whose tensors have come to take more is not kept
   */
  InterpreterPool(Interpreter first, Supplier<Interpreter> maker, int bound, long maxKeptBytes) {
    this.maker = maker;
    this.bound = bound;
    this.maxKeptBytes = maxKeptBytes;
    this.made = 1;
    idle.add(first);
  }

  /** How many interpreters there are. */
  int size() {
    lock.lock();
    try {
      return made;
    } finally {
      lock.unlock();
    }
  }

  /**
   * An interpreter, to be given back or discarded: one that is {@code preferred}, if there is one,
   * or else the one that ran last.
   *
   * @param deadlineNs how long to wait for one, as {@link System#nanoTime()}; MAX_VALUE for ever
   * @throws ServingException if the deadline passes (DEADLINE_EXCEEDED), the thread is interrupted
   *     (UNAVAILABLE), or none can be made (INTERNAL)
   */
  Interpreter take(Predicate<Interpreter> preferred, long deadlineNs) {
    lock.lock();
    try {
      while (idle.isEmpty() && made >= bound) {
        await(deadlineNs);
      }
      Interpreter found = takeIdle(preferred);
      if (found != null) {
        return found;
      }
      made++;
    } finally {
      lock.unlock();
    }
    return make();
  }

  private @Nullable Interpreter takeIdle(Predicate<Interpreter> preferred) {
    for (Iterator<Interpreter> it = idle.descendingIterator(); it.hasNext(); ) {
      Interpreter candidate = it.next();
      if (preferred.test(candidate)) {
        it.remove();
        return candidate;
      }
    }
    return idle.pollLast();
  }

  private Interpreter make() {
    try {
      return maker.get();
    } catch (RuntimeException | Error e) {
      forget();
      if (e instanceof Interpreter.RefusedException) {
        throw new ServingException(
            Category.INTERNAL, "TensorFlow Lite: no further interpreter: " + e.getMessage());
      }
      throw e;
    }
  }

  private void await(long deadlineNs) {
    waiting++;
    try {
      if (deadlineNs == Long.MAX_VALUE) {
        changed.await();
      } else if (changed.awaitNanos(deadlineNs - System.nanoTime()) <= 0) {
        throw new ServingException(
            Category.DEADLINE_EXCEEDED,
            "deadline: passed while all %d interpreters of the model were in use, and %d requests"
                    .formatted(made, waiting)
                + " waited for one");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServingException(
          Category.UNAVAILABLE, "the thread was interrupted while it waited for an interpreter");
    } finally {
      waiting--;
    }
  }

  /** Puts back an interpreter that can run again. */
  void giveBack(Interpreter interpreter) {
    if (interpreter.workingBytes() > maxKeptBytes) {
      discard(interpreter);
      return;
    }
    lock.lock();
    try {
      idle.addLast(interpreter);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Closes an interpreter, so that another one can be made. */
  void discard(Interpreter interpreter) {
    try {
      interpreter.close();
    } finally {
      forget();
    }
  }

  private void forget() {
    lock.lock();
    try {
      made--;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Closes all; none is in use. */
  @Override
  public void close() {
    lock.lock();
    try {
      idle.forEach(Interpreter::close);
      made -= idle.size();
      idle.clear();
    } finally {
      lock.unlock();
    }
  }
}
