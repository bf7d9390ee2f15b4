package io.salver.lifecycle;

import io.salver.model.ModelVersion;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Keeps a listener's exceptions from the one who tells it. */
final class QuietListener implements LifecycleListener {
  private static final System.Logger LOGGER = System.getLogger(QuietListener.class.getName());

  private final LifecycleListener next;

  QuietListener(LifecycleListener next) {
    this.next = next;
  }

  @Override
  public void onState(ModelVersion version, VersionState state, String reason) {
    quietly(() -> next.onState(version, state, reason));
  }

  @Override
  public void onLoaded(ModelVersion version, Duration took, boolean onDemand) {
    quietly(() -> next.onLoaded(version, took, onDemand));
  }

  @Override
  public void onProblem(String model, String problem) {
    quietly(() -> next.onProblem(model, problem));
  }

  private static void quietly(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOGGER.log(Level.WARNING, "a lifecycle listener failed", e);
    }
  }
}
