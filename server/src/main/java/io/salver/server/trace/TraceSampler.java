package io.salver.server.trace;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** Decides which requests get spans: the caller decides, and where it does not, chance. */
public final class TraceSampler {
  private final double ratio;
  private final DoubleSupplier uniform;

  /**
   * A sampler.
   *
   * @param ratio of the requests whose callers say nothing, 0 to 1
   */
  public TraceSampler(double ratio) {
    this(ratio, () -> ThreadLocalRandom.current().nextDouble());
  }

  TraceSampler(double ratio, DoubleSupplier uniform) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("sampling ratio: " + ratio + " (expected: 0 to 1)");
    }
    this.ratio = ratio;
    this.uniform = uniform;
  }

  /** Whether a request of such a caller gets spans. */
  boolean samples(@Nullable TraceContext parent) {
    return parent == null ? ratio > 0 && uniform.getAsDouble() < ratio : parent.isSampled();
  }
}
