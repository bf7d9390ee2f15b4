package io.salver.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.concurrent.TimeUnit;

/**
 * Judges whether a client keeps the server busy without asking it for answers: floods of pings,
 * settings, priorities, window updates, empty or unknown frames, and of requests that are taken
 * back at once (CVE-2023-44487, CVE-2019-9512 to 9518). Confined to the loop.
 *
 * <p>Each kind has an allowance that fills with time and with what is answered, as Envoy counts
 * such frames against those that it sends: who takes many answers may also send many window updates
 * and the pings by which gRPC clients measure bandwidth. A request that is taken back costs only if
 * it was open for less than {@link #RAPID_NS}: those that were cancelled later, as when a client's
 * deadlines pass, are bounded by how many may be open at once.
 */
final class Http2Guard {
  static final long RAPID_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int FRAMES = 2_000;
  private static final int FRAMES_PER_SECOND = 100;
  private static final int PINGS = 100;
  private static final int PINGS_PER_SECOND = 1;
  private static final int RESETS_PER_SECOND = 40;
  private static final int EARNED_BY_A_WRITE = 2;
  private static final int BYTES_THAT_EARN_ONE = 1 << 10;

  private final FrameMeter meter = new FrameMeter();
  private final Allowance frames;
  private final Allowance pings;
  private final Allowance resets;

  Http2Guard(HttpLimits limits, long nowNs) {
    this.frames = new Allowance(FRAMES, FRAMES_PER_SECOND, nowNs);
    this.pings = new Allowance(PINGS, PINGS_PER_SECOND, nowNs);
    // A client may take back all that it has open, and do so once more.
    this.resets = new Allowance(2 * limits.maxConcurrentStreams(), RESETS_PER_SECOND, nowNs);
  }

  /** Looks at what was read, before the codec does. */
  void read(ByteBuf in, long nowNs) throws Http2Exception {
    meter.read(in);
    int newPings = meter.takePings();
    if (newPings > 0 && !pings.spend(newPings, nowNs)) {
      // The text by which gRPC clients know to ping less often.
      throw calm("too_many_pings");
    }
    int others = meter.takeOthers();
    if (others > 0 && !frames.spend(others, nowNs)) {
      throw calm("too many frames without a request");
    }
  }

  /** The client has taken an open stream back, after it was open for so long. */
  void reset(long openNs, long nowNs) throws Http2Exception {
    frames.earn(1);
    if (openNs < RAPID_NS && !resets.spend(1, nowNs)) {
      throw calm("too many requests taken back at once");
    }
  }

  /** A stream has ended in another way than by the client's reset. */
  void answered() {
    resets.earn(1);
  }

  /** So many bytes were written, or headers. */
  void wrote(int bytes) {
    int earned = EARNED_BY_A_WRITE + bytes / BYTES_THAT_EARN_ONE;
    frames.earn(earned);
    pings.earn(EARNED_BY_A_WRITE);
  }

  private static Http2Exception calm(String message) {
    return Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, message);
  }
}
