package io.salver.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.VersionState;
import io.salver.model.ModelVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LifecycleLogTest {
  private static final ModelVersion HALF = new ModelVersion("half", 3);

  private final Lines lines = new Lines();
  private final LifecycleLog log = new LifecycleLog(lines);

  /** Keeps what is logged. */
  private static final class Lines implements System.Logger {
    private final List<String> all = new ArrayList<>();

    @Override
    public String getName() {
      return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
      return level.getSeverity() >= Level.INFO.getSeverity();
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      all.add(level + " " + message);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... parameters) {
      all.add(level + " " + format);
    }
  }

  @Test
  void anOrdinaryLifeIsTwoLines() {
    log.onState(HALF, VersionState.START, "");
    log.onState(HALF, VersionState.LOADING, "");
    log.onState(HALF, VersionState.AVAILABLE, "");
    log.onLoaded(HALF, Duration.ofMillis(123), false);
    log.onState(HALF, VersionState.UNLOADING, "");
    log.onState(HALF, VersionState.END, "");

    assertThat(lines.all)
        .containsExactly(
            "INFO model half/3 is served, loaded in 123 ms", "INFO model half/3 has ended");
  }

  @Test
  void whatNeedsAnOperatorIsAWarning() {
    log.onState(HALF, VersionState.START, "files are still being written");
    log.onState(HALF, VersionState.END, "model.onnx: truncated");
    log.onProblem("half", "base path /models/half cannot be read");

    assertThat(lines.all)
        .containsExactly(
            "INFO model half/3 waits to be loaded: files are still being written",
            "WARNING model half/3 has ended: model.onnx: truncated",
            "WARNING model half: base path /models/half cannot be read");
  }
}
