package io.salver.source;

import io.salver.model.ModelSource.Sink;
import io.salver.model.ModelSource.Wanted;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Remembers what it was told. */
final class RecordingSink implements Sink {
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private volatile List<Wanted> wanted = List.of();

  @Override
  public void publish(String model, List<Wanted> versions) {
    wanted = versions;
    said.add(model + " " + versions.stream().map(Wanted::version).toList());
  }

  @Override
  public void unreadable(String model, String reason) {
    said.add(model + ": " + reason);
  }

  /** The directory of a version that was published last. */
  Path directory(long version) {
    return wanted.stream()
        .filter(w -> w.version() == version)
        .findFirst()
        .orElseThrow(() -> new AssertionError("version " + version + " in " + wanted))
        .directory();
  }

  /** What was said since this was asked last. */
  List<String> take() {
    List<String> all = new java.util.ArrayList<>();
    said.drainTo(all);
    return all;
  }

  /** The next thing that is said. */
  String await() throws InterruptedException {
    @Nullable String next = said.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("nothing was said for a minute");
    }
    return next;
  }
}
