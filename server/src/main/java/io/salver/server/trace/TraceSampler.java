package io.salver.server.trace;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Decides which requests get spans: the caller decides, and where it does not, chance. */
public final class TraceSampler {
  /** Nothing gets spans, whatever callers say. */
  public static final TraceSampler NEVER = new TraceSampler(0, () -> 1, false);

  private final boolean isOn;
  private final double ratio;
  private final DoubleSupplier uniform;

  /**
   * A sampler.
   *
   * @param ratio of the requests whose callers say nothing, 0 to 1
   */
  public TraceSampler(double ratio) {
    this(ratio, () -> ThreadLocalRandom.current().nextDouble(), true);
  }

  TraceSampler(double ratio, DoubleSupplier uniform) {
    this(ratio, uniform, true);
  }

  private TraceSampler(double ratio, DoubleSupplier uniform, boolean isOn) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("sampling ratio: " + ratio + " (expected: 0 to 1)");
    }
    this.isOn = isOn;
    this.ratio = ratio;
    this.uniform = uniform;
  }

  /** Whether a request of such a caller gets spans. */
  boolean samples(@Nullable TraceContext parent) {
    if (!isOn) {
      return false;
    }
    return parent == null ? ratio > 0 && uniform.getAsDouble() < ratio : parent.isSampled();
  }
}
