package io.salver.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after an HTTP/2 connection as time passes: ends it when it is idle, stuck, dead or old, and
 * those of its streams whose answers nobody takes. Confined to the loop.
 */
final class Http2Upkeep {
  private static final double AGE_JITTER = 0.1;
  private static final long SHORTEST_NS = 1_000_000;

  private final Http2Connection connection;
  private final Http2Frames frames;
  private final ChannelHandlerContext context;
  private final long idleNs;
  private final long periodNs;
  private final OutboundProgress progress = new OutboundProgress();
  private final @Nullable ScheduledFuture<?> retirement;
  private ScheduledFuture<?> next;
  private boolean probing;

  /** When something was read before the ping that is to be answered. */
  private long probedNs;

  Http2Upkeep(
      Http2Connection connection,
      Http2Frames frames,
      HttpLimits limits,
      ChannelHandlerContext context) {
    this.connection = connection;
    this.frames = frames;
    this.context = context;
    this.idleNs = limits.idleTimeout().toNanos();
    this.periodNs = limits.readTimeout().toNanos();
    this.next = schedule(this::check, periodNs);
    this.retirement =
        limits.maxConnectionAge().isZero()
            ? null
            : schedule(connection::drain, withJitter(limits.maxConnectionAge()));
  }

  /** A little more or less, so that the connections of one moment do not end in one. */
  private static long withJitter(Duration age) {
    double jitter = 1 + AGE_JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
    return (long) (age.toNanos() * jitter);
  }

  private ScheduledFuture<?> schedule(Runnable task, long delayNs) {
    return context.executor().schedule(task, delayNs, TimeUnit.NANOSECONDS);
  }

  /** The connection is closed. */
  void end() {
    next.cancel(false);
    if (retirement != null) {
      retirement.cancel(false);
    }
  }

  private void check() {
    long quietNs = System.nanoTime() - connection.readNs();
    boolean idle = frames.isWithoutStreams();
    boolean unanswered = probing && connection.readNs() == probedNs;
    if (progress.isStuck(context.channel()) || unanswered || quietNs >= idleNs && idle) {
      context.close();
      return;
    }
    frames.endStalledStreams();
    // Whoever waits for an answer may be silent; a ping tells whether it is there.
    probing = quietNs >= idleNs;
    if (probing) {
      probedNs = connection.readNs();
      connection.ping();
    }
    long restNs = idle ? idleNs - quietNs : periodNs;
    next = schedule(this::check, Math.clamp(restNs, Math.min(SHORTEST_NS, periodNs), periodNs));
  }
}
