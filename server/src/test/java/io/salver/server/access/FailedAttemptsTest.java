package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.salver.server.net.Peer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class FailedAttemptsTest {
  private static final Peer SOCKET = new Peer(Peer.Kind.UNIX_SOCKET, "", List.of());

  /** Nanoseconds, near the clock's overflow. */
  private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(30);

  private final FailedAttempts attempts = new FailedAttempts(new FailureLimits(3, 6), () -> nowNs);

  private static Peer peer(String address) {
    return new Peer(Peer.Kind.REMOTE, address, List.of());
  }

  private void fail(Peer peer, int times) {
    for (int i = 0; i < times; i++) {
      attempts.failed(peer);
    }
  }

  private boolean isSlowed(String address) {
    return attempts.refusal(peer(address)) != null;
  }

  @Test
  void anAddressThatFailsOftenIsSlowedAndOthersAreNot() {
    fail(peer("10.0.0.7"), 2);
    assertThat(isSlowed("10.0.0.7")).isFalse();
    fail(peer("10.0.0.7"), 1);
    Refusal refusal = attempts.refusal(peer("10.0.0.7"));
    assertThat(refusal.reason()).isEqualTo(Refusal.Reason.SLOWED);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(10));
    assertThat(refusal.message())
        .isEqualTo(
            "credentials: too many from 10.0.0.7 were not accepted (expected: another try later)");
    assertThat(isSlowed("10.0.0.8")).isFalse();
  }

  @Test
  void eachIntervalAllowsOneMoreAndAPauseTheBurst() {
    fail(peer("10.0.0.7"), 3);
    nowNs += TimeUnit.SECONDS.toNanos(10);
    assertThat(isSlowed("10.0.0.7")).isFalse();
    fail(peer("10.0.0.7"), 1);
    assertThat(isSlowed("10.0.0.7")).isTrue();
    nowNs += TimeUnit.MINUTES.toNanos(1);
    fail(peer("10.0.0.7"), 2);
    assertThat(isSlowed("10.0.0.7")).isFalse();
  }

  @Test
  void anIpv6NetworkCountsAsOneAddress() {
    fail(peer("2001:db8:1:2:0:0:0:1"), 2);
    fail(peer("2001:db8:1:2:a:b:c:d"), 1);
    assertThat(isSlowed("2001:db8:1:2:0:0:0:9")).isTrue();
    assertThat(isSlowed("2001:db8:1:3:0:0:0:1")).isFalse();
  }

  @Test
  void aUnixSocketAndNoLimitSlowNobody() {
    fail(SOCKET, 100);
    assertThat(attempts.refusal(SOCKET)).isNull();
    FailedAttempts unlimited = new FailedAttempts(new FailureLimits(0, 1), () -> nowNs);
    for (int i = 0; i < 100; i++) {
      unlimited.failed(peer("10.0.0.7"));
    }
    assertThat(unlimited.refusal(peer("10.0.0.7"))).isNull();
  }

  @Test
  void ofTooManyAddressesTheOneThatFailedTheLongestAgoIsForgotten() {
    fail(peer("first"), 3);
    fail(peer("second"), 3);
    for (int i = 0; i < FailedAttempts.MAX_ADDRESSES - 2; i++) {
      attempts.failed(peer("other " + i));
    }
    fail(peer("first"), 1);
    attempts.failed(peer("one more"));
    assertThat(isSlowed("first")).isTrue();
    assertThat(isSlowed("second")).isFalse();
  }

  /** Many may be found bad at once, because they were being checked when the first was. */
  @Test
  void theWaitDoesNotGrowWithWhatFailsMeanwhile() {
    fail(peer("10.0.0.7"), 500);
    nowNs += TimeUnit.SECONDS.toNanos(10);
    assertThat(isSlowed("10.0.0.7")).isFalse();
  }

  @Test
  void theLargestBurstIsCounted() {
    FailedAttempts most = new FailedAttempts(new FailureLimits(1_000_000, 1), () -> nowNs);
    most.failed(peer("10.0.0.7"));
    assertThat(most.refusal(peer("10.0.0.7"))).isNull();
  }

  /** A bucket of tokens, counted one by one, is the oracle. */
  @Test
  void countsAsABucketOfTokensDoes() {
    Random random = new Random(20261127);
    double tokens = 3;
    for (int step = 0; step < 2_000; step++) {
      long seconds = random.nextInt(8);
      nowNs += TimeUnit.SECONDS.toNanos(seconds);
      tokens = Math.min(3, tokens + seconds / 10.0);
      boolean slowed = isSlowed("10.0.0.7");
      // A second is a tenth of a token, which no double holds.
      assertThat(slowed).as("seed 20261127, step %s", step).isEqualTo(tokens < 1 - 1e-6);
      if (!slowed) {
        attempts.failed(peer("10.0.0.7"));
        tokens -= 1;
      }
    }
  }

  @Test
  void limitsThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FailureLimits(-1, 1))
        .withMessage("burst: -1 (expected: 0 to 1000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FailureLimits(1_000_001, 1))
        .withMessage("burst: 1000001 (expected: 0 to 1000000)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FailureLimits(1, 0))
        .withMessage("per_minute: 0 (expected: >= 1)");
  }
}
