package io.salver.cli.logging;

import io.salver.lifecycle.LifecycleListener;
import io.salver.lifecycle.VersionState;
import io.salver.model.ModelVersion;
import java.lang.System.Logger.Level;
import java.time.Duration;

/**
 * Logs what becomes of models: a line when a version is served, when one ends and when one needs an
 * operator; its other steps at the level DEBUG.
 */
public final class LifecycleLog implements LifecycleListener {
  private final System.Logger logger;

  /** Logs under the name of this class. */
  public LifecycleLog() {
    this(System.getLogger(LifecycleLog.class.getName()));
  }

  LifecycleLog(System.Logger logger) {
    this.logger = logger;
  }

  @Override
  public void onState(ModelVersion version, VersionState state, String reason) {
    Level level =
        switch (state) {
          case START -> reason.isEmpty() ? Level.DEBUG : Level.INFO;
          case NOT_LOADED, LOADING, AVAILABLE, UNLOADING -> Level.DEBUG;
          case END -> reason.isEmpty() ? Level.INFO : Level.WARNING;
        };
    logger.log(level, () -> line(version, state, reason));
  }

  private static String line(ModelVersion version, VersionState state, String reason) {
    String words =
        switch (state) {
          case NOT_LOADED -> "is out of memory";
          case START -> "waits to be loaded";
          case LOADING -> "is being loaded";
          case AVAILABLE -> "is available";
          case UNLOADING -> "is being unloaded";
          case END -> "has ended";
        };
    return "model " + version + " " + words + (reason.isEmpty() ? "" : ": " + reason);
  }

  @Override
  public void onLoaded(ModelVersion version, Duration took, boolean onDemand) {
    logger.log(
        onDemand ? Level.DEBUG : Level.INFO,
        () -> "model " + version + " is served, loaded in " + took.toMillis() + " ms");
  }

  @Override
  public void onProblem(String model, String problem) {
    logger.log(Level.WARNING, () -> "model " + model + ": " + problem);
  }
}
