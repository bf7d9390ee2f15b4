package io.salver.server.metrics;

import io.salver.server.access.AccessControl;
import io.salver.server.access.Refusal.Reason;
import java.util.Locale;

/** How many requests were refused for who made them, or how many. Thread-safe. */
public final class AccessMetrics implements MetricSource {
  private final AccessControl access;

  /** What {@code access} counts. */
  public AccessMetrics(AccessControl access) {
    this.access = access;
  }

  @Override
  public void writeTo(MetricWriter out) {
    out.counter("salver_access_refused_total", "Requests refused by access control.");
    for (Reason reason : Reason.values()) {
      out.sample(
          MetricWriter.labels("reason", reason.name().toLowerCase(Locale.ROOT)),
          access.refused(reason));
    }
  }
}
