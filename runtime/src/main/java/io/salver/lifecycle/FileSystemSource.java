package io.salver.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds versions as sub-directories of the models' base paths, by looking again and again.
 *
 * <p>A file system is not believed when it says that nothing is there: a base path that is missing
 * or unreadable, or in which no wanted version is found, is said to be unreadable, and what was
 * published before still holds. A model is unloaded by leaving it out of the configuration; a
 * version, by removing its directory while another wanted one is there. Models in stores are
 * others' business.
 */
public final class FileSystemSource implements ConfigurableSource {
  private static final Logger LOG = System.getLogger(FileSystemSource.class.getName());

  /** A model on demand that is not loaded is looked at once in so many times. */
  private static final int RARELY = 60;

  private final Duration pollInterval;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition wake = lock.newCondition();
  // Guarded by lock; models is replaced, never changed, so its identity is its generation.
  private List<ModelConfig> models = List.of();
  private @Nullable Sink sink;
  private @Nullable Thread thread;
  private boolean scanAsked;
  private boolean closed;
  private volatile Predicate<String> often = _ -> true;

  /**
   * A source that does nothing before {@link #start}.
   *
   * @param pollInterval the time between two looks; with zero it looks once after each {@link
   *     #configure}; negative, never by itself, only in {@link #scanOnce()}
   */
  public FileSystemSource(Duration pollInterval) {
    this.pollInterval = pollInterval;
  }

  @Override
  public void configure(List<ModelConfig> replacement) {
    lock.lock();
    try {
      models = replacement.stream().filter(m -> m.basePath() instanceof BasePath.Local).toList();
      scanAsked = true;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start(Sink target) {
    lock.lock();
    try {
      if (sink != null) {
        throw new IllegalStateException("started twice");
      }
      sink = target;
      if (!pollInterval.isNegative()) {
        thread = Thread.ofPlatform().name("salver-source").daemon().start(this::poll);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void attend(Predicate<String> closely) {
    often = closely;
  }

  private void poll() {
    List<ModelConfig> seen = List.of();
    for (int turn = 0; awaitTurn(); turn = (turn + 1) % RARELY) {
      List<ModelConfig> current = models();
      scan(current, current == seen ? turn : -1);
      seen = current;
    }
  }

  private boolean awaitTurn() {
    lock.lock();
    try {
      long leftNs = pollInterval.isZero() ? Long.MAX_VALUE : pollInterval.toNanos();
      while (!closed && !scanAsked && leftNs > 0) {
        leftNs = wake.awaitNanos(leftNs);
      }
      scanAsked = false;
      return !closed;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Looks at every model's base path once, on the calling thread, and publishes what is there. */
  public void scanOnce() {
    scan(models(), -1);
  }

  /**
   * Looks at the models whose turn it is.
   *
   * @param turn of {@value #RARELY}; below 0 if it is everybody's
   */
  private void scan(List<ModelConfig> current, int turn) {
    for (int i = 0; i < current.size(); i++) {
      ModelConfig model = current.get(i);
      boolean mayWait = turn >= 0 && i % RARELY != turn && !model.staysLoaded();
      if (mayWait && !often.test(model.name())) {
        continue;
      }
      Finding finding = look(model);
      lock.lock();
      try {
        if (closed || models != current) {
          return;
        }
        tell(finding, Objects.requireNonNull(sink, "not started"));
      } finally {
        lock.unlock();
      }
    }
  }

  /** A sink that fails for one model must not keep the others from being looked at. */
  private static void tell(Finding finding, Sink sink) {
    try {
      finding.tell(sink);
    } catch (RuntimeException | Error e) {
      LOG.log(Level.ERROR, "not taken: " + finding, e);
    }
  }

  private List<ModelConfig> models() {
    lock.lock();
    try {
      return models;
    } finally {
      lock.unlock();
    }
  }

  private static Finding look(ModelConfig model) {
    Path base = directory(model);
    try {
      NavigableMap<Long, Path> found = VersionDirectories.list(base);
      List<Wanted> wanted = VersionDirectories.choose(found, model.versions());
      return wanted.isEmpty()
          ? new Finding.Nothing(model.name(), nothing(model, found))
          : new Finding.Versions(model.name(), wanted);
    } catch (NoSuchFileException e) {
      return new Finding.Nothing(model.name(), "Could not find base path " + base);
    } catch (NotDirectoryException e) {
      return new Finding.Nothing(
          model.name(), "base path: " + base + " is a file (expected: a directory)");
    } catch (IOException | RuntimeException | Error e) {
      return new Finding.Nothing(model.name(), "base path: " + base + " cannot be read: " + e);
    }
  }

  private static Path directory(ModelConfig model) {
    return switch (model.basePath()) {
      case BasePath.Local(Path directory) -> directory;
      case BasePath.Remote(var uri) -> throw new IllegalArgumentException("not local: " + uri);
    };
  }

  @Override
  public Set<Long> versions(ModelConfig model) throws IOException {
    return VersionDirectories.list(directory(model)).keySet();
  }

  private static String nothing(ModelConfig model, NavigableMap<Long, Path> found) {
    Path base = directory(model);
    if (!found.isEmpty()) {
      return "No wanted version of "
          + model.name()
          + " found under base path "
          + base
          + ": "
          + found.keySet()
          + " (expected: "
          + model.versions()
          + ")";
    }
    String hint =
        looksLikeVersion(base)
            ? "; files lie in the base path itself: did you leave out the directory with a number"
                + " as its name?"
            : " (expected: a directory with a number as its name)";
    return "No versions of " + model.name() + " found under base path " + base + hint;
  }

  private static boolean looksLikeVersion(Path base) {
    try (var children = Files.list(base)) {
      return children.anyMatch(Files::isRegularFile);
    } catch (IOException | UncheckedIOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    Thread running;
    lock.lock();
    try {
      closed = true;
      running = thread;
      wake.signalAll();
    } finally {
      lock.unlock();
    }
    if (running != null) {
      join(running);
    }
  }

  /** Waits a little: a scan that hangs on a dead mount publishes nothing after close anyway. */
  private static void join(Thread thread) {
    try {
      thread.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a look at a base path found. */
  private sealed interface Finding {
    void tell(Sink sink);

    record Versions(String model, List<Wanted> wanted) implements Finding {
      @Override
      public void tell(Sink sink) {
        sink.publish(model, wanted);
      }
    }

    record Nothing(String model, String reason) implements Finding {
      @Override
      public void tell(Sink sink) {
        sink.unreadable(model, reason);
      }
    }
  }
}
