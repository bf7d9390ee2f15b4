package io.salver.control;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets one operation at a time have a model; those on other models do not wait. Thread-safe. */
final class ModelTurns {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final Set<String> taken = new HashSet<>();

  /** Blocks until nobody has the model, and takes it. */
  void begin(String model) {
    lock.lock();
    try {
      while (!taken.add(model)) {
        ended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets the next one have the model. */
  void end(String model) {
    lock.lock();
    try {
      taken.remove(model);
      ended.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
