package io.salver.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.salver.gate.CanaryState.Pause;
import io.salver.gate.CanaryState.Phase;
import io.salver.gate.Verdict.Outcome;
import io.salver.model.VersionSelector;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CanaryTest {
  private static final Instant START = Instant.parse("2026-11-27T10:00:00Z");
  private static final CanaryPlan PLAN = plan(Optional.of(0.01));

  @Test
  void goesFromStepToStepAndIsPromoted() {
    CanaryState state = Canary.start(PLAN, START);
    assertThat(state.weight()).isEqualTo(5);
    assertThat(state.phase()).isEqualTo(Phase.RUNNING);
    CanaryState before = played(state, 59, Side.FINE, 20);
    assertThat(before.step()).isZero();
    assertThat(before.verdict().outcome()).isEqualTo(Outcome.PASS);
    state = played(state, 60, Side.FINE, 20);
    assertThat(state.step()).isEqualTo(1);
    assertThat(state.weight()).isEqualTo(50);
    assertThat(state.since()).isEqualTo(START.plusSeconds(60));
    state = played(state, 120, Side.FINE, 100);
    assertThat(state.phase()).isEqualTo(Phase.PROMOTED);
    assertThat(state.weight()).isEqualTo(100);
    assertThat(state.ended()).isTrue();
    assertThat(Canary.next(PLAN, state, CanaryObservation.EMPTY, START.plusSeconds(999)))
        .isSameAs(state);
  }

  @Test
  void isRolledBackAtOnceForEachReason() {
    for (Side side : List.of(Side.FAILING, Side.SLOW, Side.SLOW_TAIL, Side.OTHER)) {
      CanaryState state = played(Canary.start(PLAN, START), 600, side, 100);
      assertThat(state.phase()).as(side.name()).isEqualTo(Phase.ROLLED_BACK);
      assertThat(state.weight()).isZero();
      assertThat(state.verdict().outcome()).isEqualTo(Outcome.FAIL);
      assertThat(state.verdict().reasons().getFirst()).startsWith(side.reason).contains("limit");
    }
  }

  @Test
  void isHeldWithoutAVerdictAndPausesWhenThePatienceEnds() {
    CanaryState state = Canary.start(PLAN, START);
    // A request in four seconds is data, but says little.
    for (int second = 4; second <= 599; second += 4) {
      state = Canary.next(PLAN, state, few(second / 4), START.plusSeconds(second));
    }
    assertThat(state.phase()).isEqualTo(Phase.RUNNING);
    assertThat(state.step()).isZero();
    assertThat(state.verdict().outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    state = Canary.next(PLAN, state, few(150), START.plusSeconds(600));
    assertThat(state.phase()).isEqualTo(Phase.PAUSED);
    assertThat(state.pause()).isEqualTo(Pause.INCONCLUSIVE);
    assertThat(state.weight()).isEqualTo(5);
    assertThat(state.verdict().reasons().getFirst()).isEqualTo("no verdict after 600 s");
    assertThat(Canary.next(PLAN, state, few(500), START.plusSeconds(700))).isSameAs(state);
  }

  private static CanaryObservation few(int requests) {
    CanaryObservation.Side some =
        new CanaryObservation.Side(requests, requests / 4, LatencyHistogram.EMPTY);
    return new CanaryObservation(some, some, 0, 0);
  }

  @Test
  void pausesWithoutDataAndGoesOnWithIt() {
    CanaryWindow window = new CanaryWindow();
    CanaryState state = Canary.start(PLAN, START);
    record(window, Side.FINE, 10, new SplittableRandom(0));
    state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(1));
    window.baseline(1_000_000, false);
    state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(300));
    assertThat(state.phase()).isEqualTo(Phase.RUNNING);
    state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(301));
    assertThat(state.phase()).isEqualTo(Phase.PAUSED);
    assertThat(state.pause()).isEqualTo(Pause.NO_DATA);
    assertThat(state.verdict().reasons().getFirst())
        .isEqualTo("no requests for 300 s: canary 0, baseline 1");
    assertThat(Canary.next(PLAN, state, window.observed(), START.plusSeconds(302)).pause())
        .isEqualTo(Pause.NO_DATA);
    record(window, Side.FINE, 1_000, new SplittableRandom(0));
    state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(303));
    assertThat(state.phase()).isEqualTo(Phase.RUNNING);
    assertThat(state.since()).isEqualTo(START);
    state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(304));
    assertThat(state.step()).isEqualTo(1);
  }

  @Test
  void beginsAStepAnewWhereWhatWasCountedIsLost() {
    CanaryState state = played(Canary.start(PLAN, START), 30, Side.FINE, 20);
    CanaryState after = Canary.next(PLAN, state, CanaryObservation.EMPTY, START.plusSeconds(40));
    assertThat(after.step()).isZero();
    assertThat(after.since()).isEqualTo(START.plusSeconds(40));
    assertThat(after.evidence()).isEqualTo(CanaryState.Evidence.NONE);
  }

  @Test
  void doesWhatItIsAsked() {
    CanaryState running = played(Canary.start(PLAN, START), 30, Side.FINE, 20);
    Instant now = START.plusSeconds(31);
    CanaryState paused = Canary.pause(running, now);
    assertThat(paused.pause()).isEqualTo(Pause.ASKED);
    assertThat(paused.weight()).isEqualTo(running.weight());
    assertThat(Canary.next(PLAN, paused, CanaryObservation.EMPTY, now)).isSameAs(paused);
    CanaryState resumed = Canary.resume(PLAN, paused, now);
    assertThat(resumed.phase()).isEqualTo(Phase.RUNNING);
    assertThat(resumed.since()).isEqualTo(now);
    CanaryState promoted = Canary.promote(paused, now);
    assertThat(promoted.weight()).isEqualTo(100);
    assertThat(promoted.verdict().reasons().getFirst()).isEqualTo("asked to promote");
    assertThat(Canary.rollBack(running, now).weight()).isZero();
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> Canary.rollBack(promoted, now))
        .withMessage("canary is PROMOTED and cannot be rolled back");
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(() -> Canary.resume(PLAN, running, now))
        .withMessageContaining("RUNNING");
  }

  @Test
  void theLastStepNeedsEnoughSamplesForATail() {
    CanaryPlan oneStep =
        CanaryPlan.of(
            new Policy.Canary(
                route("old"),
                route("new"),
                List.of(50.0),
                Duration.ofSeconds(60),
                new Policy.CanaryLimits(0.2, 1, Optional.empty())));
    CanaryWindow window = new CanaryWindow();
    CanaryState state = Canary.start(oneStep, START);
    SplittableRandom random = new SplittableRandom(5);
    record(window, Side.FINE, 400, random);
    state = Canary.next(oneStep, state, window.observed(), START.plusSeconds(61));
    assertThat(state.phase()).isEqualTo(Phase.RUNNING);
    assertThat(state.verdict().reasons().getFirst()).contains("p99: 400 samples", "needed: 459");
    record(window, Side.FINE, 300, random);
    state = Canary.next(oneStep, state, window.observed(), START.plusSeconds(62));
    assertThat(state.phase()).isEqualTo(Phase.PROMOTED);
  }

  @Test
  void isTheSameAfterItWasWrittenDown() {
    for (Side side : Side.values()) {
      CanaryState state = played(Canary.start(PLAN, START), 90, side, 20);
      assertThat(CanaryRecord.read(CanaryRecord.write(state))).isEqualTo(state);
    }
    CanaryState fresh = Canary.start(PLAN, START);
    assertThat(CanaryRecord.read(CanaryRecord.write(fresh))).isEqualTo(fresh);
  }

  @Test
  void refusesARecordThatIsBroken() {
    Map<String, Object> written =
        CanaryRecord.write(played(Canary.start(PLAN, START), 20, Side.FINE, 20));
    for (String name : written.keySet()) {
      for (Object broken : List.of(-5, Double.NaN, "no", List.of(1), Map.of(1, 2))) {
        if (!broken.equals(written.get(name))) {
          Map<String, Object> changed = new HashMap<>(written);
          changed.put(name, broken);
          assertThatIllegalArgumentException()
              .as("%s: %s", name, broken)
              .isThrownBy(() -> CanaryRecord.read(changed))
              .withMessageContaining("canary: ");
        }
      }
      Map<String, Object> less = new HashMap<>(written);
      less.remove(name);
      assertThatIllegalArgumentException().isThrownBy(() -> CanaryRecord.read(less));
    }
    CanaryState beyond = CanaryRecord.read(with(written, "step", 7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Canary.next(PLAN, beyond, CanaryObservation.EMPTY, START))
        .withMessage("step: 7 (expected: below 2)");
  }

  private static Map<String, Object> with(Map<String, Object> values, String name, Object value) {
    Map<String, Object> changed = new HashMap<>(values);
    changed.put(name, value);
    return changed;
  }

  @Test
  void refusesPlansThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan(Optional.of(0.0)))
        .withMessageContaining("max_difference_rate: 0.0 (expected: above 0");
    Policy.CanaryLimits limits = PLAN.limits();
    Duration step = PLAN.stepDuration();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryPlan(List.of(5.0), step, limits, 0, 50, step, step))
        .withMessageContaining("alpha: 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryPlan(List.of(5.0), step, limits, 0.01, 5, step, step))
        .withMessageContaining("min samples: 5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryPlan(List.of(5.0), step, limits, 0.01, 50, Duration.ZERO, step))
        .withMessageContaining("patience: PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryPlan(List.of(5.0), step, limits, 0.01, 50, step, Duration.ZERO))
        .withMessageContaining("no data after: PT0S");
  }

  @Test
  void refusesCountsThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryObservation.Side(1, 2, LatencyHistogram.EMPTY))
        .withMessage("errors: 2 of 1 requests (expected: 0 to all)");
    CanaryObservation.Side none = CanaryObservation.EMPTY.canary();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CanaryObservation(none, none, 1, 2))
        .withMessageContaining("different answers: 2 of 1");
  }

  @Test
  void aWindowCountsWhatAllThreadsRecord() throws InterruptedException {
    CanaryWindow window = new CanaryWindow();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 10_000; i++) {
                  window.canary(1_000L * i, i % 10 == 0);
                  window.baseline(5_000, false);
                  window.compared(i % 4 == 0);
                }
              });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    CanaryObservation observed = window.observed();
    assertThat(observed.canary().requests()).isEqualTo(40_000);
    assertThat(observed.canary().errors()).isEqualTo(4_000);
    assertThat(observed.canary().latencies().total()).isEqualTo(36_000);
    assertThat(observed.baseline().requests()).isEqualTo(40_000);
    assertThat(observed.compared()).isEqualTo(40_000);
    assertThat(observed.different()).isEqualTo(10_000);
  }

  private enum Side {
    FINE("", 1, 1, 0, 0),
    FAILING("errors: ", 1, 1, 0.05, 0),
    SLOW("latency: ", 1.5, 1, 0, 0),
    SLOW_TAIL("p99: ", 1, 10, 0, 0),
    OTHER("answers: ", 1, 1, 0, 0.1);

    private final String reason;
    private final double factor;
    private final double tailFactor;
    private final double errorRate;
    private final double differenceRate;

    Side(String reason, double factor, double tailFactor, double errorRate, double differenceRate) {
      this.reason = reason;
      this.factor = factor;
      this.tailFactor = tailFactor;
      this.errorRate = errorRate;
      this.differenceRate = differenceRate;
    }
  }

  /** Lets seconds pass until a time, each with so many requests on either side. */
  private static CanaryState played(CanaryState from, int untilSecond, Side side, int requests) {
    SplittableRandom random = new SplittableRandom(17);
    CanaryState state = from;
    Instant windowOf = state.since();
    CanaryWindow window = new CanaryWindow();
    long second = Duration.between(START, state.since()).toSeconds();
    while (second < untilSecond && !state.ended()) {
      second++;
      record(window, side, requests, random);
      state = Canary.next(PLAN, state, window.observed(), START.plusSeconds(second));
      if (!state.since().equals(windowOf)) {
        windowOf = state.since();
        window = new CanaryWindow();
      }
    }
    return state;
  }

  private static void record(
      CanaryWindow window, Side side, int requests, SplittableRandom random) {
    for (int i = 0; i < requests; i++) {
      window.baseline((long) (10e6 * Math.exp(0.5 * random.nextGaussian())), false);
      double tail = random.nextDouble() < 0.03 ? side.tailFactor : 1;
      window.canary(
          (long) (side.factor * tail * 10e6 * Math.exp(0.5 * random.nextGaussian())),
          random.nextDouble() < side.errorRate);
      window.compared(random.nextDouble() < side.differenceRate);
    }
  }

  private static CanaryPlan plan(Optional<Double> maxDifferenceRate) {
    return CanaryPlan.of(
        new Policy.Canary(
            route("old"),
            route("new"),
            List.of(5.0, 50.0),
            Duration.ofSeconds(60),
            new Policy.CanaryLimits(0.01, 0.2, maxDifferenceRate)));
  }

  private static Route route(String model) {
    return new Route(model, new VersionSelector.Latest());
  }
}
