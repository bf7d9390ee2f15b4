package io.salver.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class Http2GuardTest {
  private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Http2Guard guard =
      new Http2Guard(HttpLimits.DEFAULT.withMaxConcurrentStreams(100), 0);

  @Test
  void letsAClientWhoseDeadlinesPassCancelAsMuchAsItWants() {
    assertThatCode(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                guard.reset(Http2Guard.RAPID_NS, i);
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void letsAClientCancelAsOftenAsItTakesAnswers() {
    assertThatCode(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                guard.reset(MS, i);
                guard.answered();
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  void letsAClientTakeBackAllItHasOpenTwiceAndThenSlowly() throws Http2Exception {
    for (int i = 0; i < 200; i++) {
      guard.reset(MS, 0);
    }
    for (int i = 1; i <= 1_000; i++) {
      guard.reset(MS, i * SECOND / 40);
    }
    assertThatExceptionOfType(Http2Exception.class)
        .isThrownBy(() -> guard.reset(MS, 1_000 * SECOND / 40))
        .withMessage("too many requests taken back at once");
  }

  @Test
  void anAllowanceNeverHoldsMoreThanAtFirst() {
    Allowance allowance = new Allowance(10, 1, 0);
    allowance.earn(Integer.MAX_VALUE);
    assertThat(allowance.spend(10, 0)).isTrue();
    assertThat(allowance.spend(1, 0)).isFalse();
    assertThat(allowance.spend(1, Long.MAX_VALUE / 2)).isTrue();
    assertThat(allowance.spend(9, Long.MAX_VALUE / 2)).isTrue();
    assertThat(allowance.spend(1, Long.MAX_VALUE / 2)).isFalse();
  }

  @Test
  void countsTheSameHoweverTheBytesAreCut() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    ByteBuf all = Unpooled.buffer().writeBytes(Http2CodecUtil.connectionPrefaceBuf());
    int pings = 0;
    int others = 0;
    for (int i = 0; i < 2_000; i++) {
      int type = random.nextInt(12);
      int length = random.nextInt(3) == 0 ? 0 : random.nextInt(300);
      int flags = random.nextInt(256);
      all.writeMedium(length).writeByte(type).writeByte(flags).writeInt(random.nextInt());
      all.writeZero(length);
      boolean odd = (flags & 1) != 0;
      pings += type == 6 && !odd ? 1 : 0;
      others += type == 0 ? length == 0 && !odd ? 1 : 0 : type == 1 || type == 6 && !odd ? 0 : 1;
    }
    FrameMeter meter = new FrameMeter();
    while (all.isReadable()) {
      meter.read(all.readSlice(Math.min(all.readableBytes(), 1 + random.nextInt(40))));
    }
    assertThat(meter.takePings()).as("seed %d", seed).isEqualTo(pings);
    assertThat(meter.takeOthers()).as("seed %d", seed).isEqualTo(others);
    assertThat(meter.takeOthers()).isZero();
  }
}
