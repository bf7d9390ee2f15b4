package io.salver.server.trace;

import io.salver.predict.Stage;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Says which requests were slow, and where their time went. At most so many a second: of those
 * beyond that, how many there were. Used by one thread.
 */
public final class SlowLog implements RequestSink {
  /** How many lines a second has at most. */
  static final int MAX_LINES = 10;

  private static final long WINDOW_NS = TimeUnit.SECONDS.toNanos(1);
  private static final double NS_PER_MS = 1e6;

  private final RequestEvents.Wishes wishes;
  private final Consumer<String> log;
  private long windowNs;
  private int lines;
  private long unsaid;

  /**
   * A log of slow requests.
   *
   * @param wishes say which are slow
   * @param log takes lines
   */
  public SlowLog(RequestEvents.Wishes wishes, Consumer<String> log) {
    this.wishes = wishes;
    this.log = log;
  }

  @Override
  public boolean accept(RequestEvent event) {
    if (event.version() == RequestEvent.NO_VERSION
        || !wishes.isSlow(event.model(), event.totalNs())) {
      return true;
    }
    long endNs = event.receivedNs() + event.totalNs();
    if (endNs - windowNs >= WINDOW_NS || lines == 0) {
      windowNs = endNs;
      lines = 0;
    }
    if (lines == MAX_LINES) {
      unsaid++;
      return true;
    }
    lines++;
    log.accept(line(event));
    unsaid = 0;
    return true;
  }

  private String line(RequestEvent event) {
    StringBuilder line = new StringBuilder("Slow request: ");
    line.append(event.method().label()).append(" of ").append(event.model());
    line.append('/').append(event.version()).append(", ").append(event.rows()).append(" rows, ");
    line.append(event.status()).append(" after ").append(ms(event.totalNs()));
    String separator = " (";
    for (Stage stage : Stage.values()) {
      line.append(separator).append(stage.name().toLowerCase(Locale.ROOT)).append(' ');
      line.append(ms(event.stages().ns(stage)));
      separator = ", ";
    }
    line.append(") from ").append(event.remoteText()).append(" by ").append(event.api());
    if (!event.predictionId().isEmpty()) {
      line.append(", prediction ").append(event.predictionId());
    }
    if (event.trace() != null) {
      line.append(", trace ").append(event.trace().traceId());
    }
    if (unsaid > 0) {
      line.append("; ").append(unsaid).append(" more slow requests were not listed");
    }
    return line.toString();
  }

  private static String ms(long ns) {
    return String.format(Locale.ROOT, "%.3f ms", ns / NS_PER_MS);
  }
}
