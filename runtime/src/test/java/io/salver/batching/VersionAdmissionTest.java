package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.ServingException;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import io.salver.testkit.HalfPlusTwo;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rules one by one, then a simulated version under more load than it carries. */
class VersionAdmissionTest {
  private static final ModelVersion VERSION = new ModelVersion("m", 1);
  private static final long RUN_NS = 5_000_000;
  private static final int MOST = 1_000;

  private final ArenaPool pool = new ArenaPool(1 << 20);
  private final TensorArena arena = pool.take();

  @AfterEach
  void close() {
    arena.close();
    pool.close();
  }

  private PredictRequest request(long receivedNs, long deadlineNs) {
    HalfPlusTwo model = new HalfPlusTwo();
    return new PredictRequest(
        new TestRequests.Lease(model, (request, reply) -> {}),
        HalfPlusTwo.SIGNATURE,
        new Tensor[1],
        null,
        arena,
        receivedNs,
        deadlineNs);
  }

  private static VersionAdmission admission(Duration objective) {
    return new VersionAdmission(VERSION, new AdmissionOptions(objective, true, 128), MOST);
  }

  private static QueueState waiting(int requests) {
    return new QueueState(requests, requests, 1, 1, 0, MOST, 7_000_000);
  }

  @Test
  void theEstimateIsTheRunsBeforeItAndItsOwn() {
    assertThat(VersionAdmission.expectedNs(waiting(0), 1, RUN_NS)).isEqualTo(2 * RUN_NS);
    assertThat(VersionAdmission.expectedNs(waiting(10), 1, RUN_NS)).isEqualTo(12 * RUN_NS);
    assertThat(VersionAdmission.expectedNs(waiting(10), 8, RUN_NS)).isEqualTo(3 * RUN_NS);
    QueueState two = new QueueState(10, 10, 1, 2, 1, MOST, 0);
    assertThat(VersionAdmission.expectedNs(two, 1, RUN_NS)).isEqualTo(6 * RUN_NS);
  }

  @Test
  void aDeadlineThatTheQueueCannotKeepIsRefusedWithTheQueuesState() {
    VersionAdmission admission = admission(Duration.ZERO);
    admission.ran(1, RUN_NS, RUN_NS);
    ServingException refused = admission.admit(request(0, 8 * RUN_NS), waiting(7), 1, 0);
    assertThat(refused).isNotNull();
    assertThat(refused.category()).isEqualTo(Category.RESOURCE_EXHAUSTED);
    assertThat(refused)
        .hasMessage(
            "overload of m/1: answer expected in 45000 us (expected: within 40000 us);"
                + " 7 of 1000 requests (7 rows) wait for 1 instances, the first for 7000 us");
    assertThat(admission.admit(request(0, 9 * RUN_NS), waiting(7), 1, 0)).isNull();
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(7), 1, 0)).isNull();
  }

  @Test
  void theObjectiveCountsFromTheRequestsLastByte() {
    VersionAdmission admission = admission(Duration.ofMillis(20));
    admission.ran(1, RUN_NS, RUN_NS);
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(2), 1, 0)).isNull();
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(2), 1, 1_000_000))
        .hasMessageContaining("answer expected in 20000 us (expected: within 19000 us)");
  }

  @Test
  void anEmptyQueueIsAlwaysOpenSoThatASlowRunIsForgotten() {
    VersionAdmission admission = admission(Duration.ofMillis(20));
    admission.ran(1, 1_000 * RUN_NS, 1_000 * RUN_NS);
    assertThat(admission.admit(request(0, 1), waiting(0), 1, 0)).isNull();
    for (int i = 0; i < 60; i++) {
      admission.ran(1, RUN_NS, RUN_NS);
    }
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(1), 1, 0)).isNull();
  }

  @Test
  void whatIsBeyondTheLimitIsRefusedWithTheQueuesState() {
    VersionAdmission admission = admission(Duration.ZERO);
    for (int i = 0; i < 200; i++) {
      admission.ran(500, 500 * RUN_NS, RUN_NS);
    }
    assertThat(admission.maxInFlight()).isEqualTo(128);
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(126), 1, 0)).isNull();
    assertThat(admission.admit(request(0, Long.MAX_VALUE), waiting(127), 1, 0))
        .hasMessageContaining("overload of m/1: 128 requests in flight (expected: fewer than 128")
        .hasMessageContaining("127 of 1000 requests");
  }

  @Test
  void withoutTheAdaptiveLimitOnlyTheBoundOfTheQueueHolds() {
    VersionAdmission admission =
        new VersionAdmission(VERSION, new AdmissionOptions(Duration.ZERO, false, 128), MOST);
    for (int i = 0; i < 200; i++) {
      admission.ran(500, 500 * RUN_NS, RUN_NS);
    }
    assertThat(admission.maxInFlight()).isEqualTo(MOST);
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new AdmissionOptions(Duration.ofMillis(-1), true, 1))
        .hasMessageContaining("objective PT-0.001S");
    assertThatThrownBy(() -> new AdmissionOptions(Duration.ZERO, true, 0))
        .hasMessageContaining("at least 0 in flight");
  }

  /** One instance that takes up to so many requests of a row at a time. */
  private final class Simulation {
    private static final long END_NS = 60_000_000_000L;

    private final VersionAdmission admission;
    private final int maxRows;
    private final long fixedNs;
    private final long rowNs;
    private final ArrayDeque<PredictRequest> queue = new ArrayDeque<>();
    private PredictRequest[] running = {};
    private long startNs;
    private long endNs = Long.MAX_VALUE;
    private long[] latencies = new long[1 << 16];
    private int answered;
    private int refused;
    private int mostInFlight;

    Simulation(VersionAdmission admission, int maxRows, long fixedNs, long rowNs) {
      this.admission = admission;
      this.maxRows = maxRows;
      this.fixedNs = fixedNs;
      this.rowNs = rowNs;
    }

    double capacityPerSecond() {
      return 1e9 * maxRows / (fixedNs + rowNs * maxRows);
    }

    /** Poisson arrivals, whatever becomes of them. */
    Simulation openLoop(double perSecond, long seed) {
      Random random = new Random(seed);
      double now = 0;
      while (now < END_NS) {
        now += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
        while (endNs <= now) {
          endRun();
        }
        arrive((long) now);
      }
      return this;
    }

    /** So many clients, each of whom asks again when it has been answered. */
    Simulation closedLoop(int clients) {
      for (int i = 0; i < clients; i++) {
        arrive(0);
      }
      while (endNs < END_NS) {
        long now = endNs;
        int again = running.length;
        endRun();
        for (int i = 0; i < again; i++) {
          arrive(now);
        }
      }
      return this;
    }

    @Nullable ServingException arrive(long nowNs) {
      PredictRequest oldest = queue.peekFirst();
      QueueState state =
          new QueueState(
              queue.size(),
              queue.size(),
              running.length,
              1,
              running.length == 0 ? 1 : 0,
              MOST,
              oldest == null ? 0 : nowNs - oldest.receivedNs());
      PredictRequest request = request(nowNs, Long.MAX_VALUE);
      ServingException refusal = admission.admit(request, state, maxRows, nowNs);
      if (refusal != null) {
        refused++;
        return refusal;
      }
      queue.add(request);
      mostInFlight = Math.max(mostInFlight, queue.size() + running.length);
      if (running.length == 0) {
        startRun(nowNs);
      }
      return null;
    }

    private void startRun(long nowNs) {
      running = new PredictRequest[Math.min(maxRows, queue.size())];
      for (int i = 0; i < running.length; i++) {
        running[i] = queue.remove();
      }
      startNs = nowNs;
      endNs = running.length == 0 ? Long.MAX_VALUE : nowNs + fixedNs + rowNs * running.length;
    }

    private void endRun() {
      long nowNs = endNs;
      for (PredictRequest request : running) {
        if (answered == latencies.length) {
          latencies = Arrays.copyOf(latencies, 2 * answered);
        }
        latencies[answered++] = nowNs - request.receivedNs();
      }
      admission.ran(
          queue.size() + running.length, nowNs - running[0].receivedNs(), nowNs - startNs);
      startRun(nowNs);
    }

    double goodputPerSecond() {
      return answered * 1e9 / END_NS;
    }

    long p99Ns() {
      long[] sorted = Arrays.copyOf(latencies, answered);
      Arrays.sort(sorted);
      return sorted[(int) (0.99 * answered)];
    }
  }

  @Test
  void atTwiceTheCapacityGoodputStaysAtItsPeakAndTheQueueShort() {
    for (long seed = 1; seed <= 3; seed++) {
      for (int maxRows : new int[] {1, 32}) {
        Simulation load = new Simulation(admission(Duration.ZERO), maxRows, 4_000_000, 100_000);
        double peak = load.capacityPerSecond();
        load.openLoop(2 * peak, seed);
        String what = "max rows " + maxRows + ", seed " + seed;
        assertThat(load.goodputPerSecond()).as(what).isGreaterThan(0.95 * peak);
        assertThat(load.admission.maxInFlight()).as(what).isBetween(100, 160);
        assertThat(load.refused).as(what).isPositive();
      }
    }
  }

  @Test
  void atTwiceTheCapacityWhatIsAnsweredMeetsTheObjective() {
    for (long seed = 1; seed <= 3; seed++) {
      for (int maxRows : new int[] {1, 32}) {
        Duration objective = Duration.ofMillis(50);
        Simulation load = new Simulation(admission(objective), maxRows, 4_000_000, 100_000);
        double peak = load.capacityPerSecond();
        load.openLoop(2 * peak, seed);
        String what = "max rows " + maxRows + ", seed " + seed;
        assertThat(load.goodputPerSecond()).as(what).isGreaterThan(0.9 * peak);
        assertThat(load.p99Ns()).as(what).isLessThanOrEqualTo(objective.toNanos());
      }
    }
  }

  @Test
  void halfTheCapacityIsNeverRefused() {
    for (long seed = 1; seed <= 3; seed++) {
      Simulation load = new Simulation(admission(Duration.ofMillis(200)), 32, 4_000_000, 100_000);
      load.openLoop(load.capacityPerSecond() / 2, seed);
      assertThat(load.refused).as("seed " + seed).isZero();
    }
  }

  @Test
  void clientsThatWaitForTheirAnswersAreNotThrottled() {
    for (int maxRows : new int[] {1, 32}) {
      Simulation load = new Simulation(admission(Duration.ZERO), maxRows, 4_000_000, 100_000);
      load.closedLoop(128);
      assertThat(load.refused).as("max rows " + maxRows).isZero();
      assertThat(load.goodputPerSecond()).isGreaterThan(0.99 * load.capacityPerSecond());
    }
  }
}
