package io.salver.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class StripedCountersTest {
  @Test
  void noCountIsLostWhenMoreThreadsComeThanThereArePlaces() throws InterruptedException {
    StripedCounters counters = new StripedCounters(3);
    int threadCount = StripedCounters.PLACES + 20;
    int perThread = 2_000;
    CyclicBarrier start = new CyclicBarrier(threadCount);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < threadCount; t++) {
      threads.add(Thread.ofPlatform().start(() -> add(counters, start, perThread)));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(counters.sum(0)).isZero();
    assertThat(counters.sum(1)).isEqualTo((long) threadCount * perThread);
    assertThat(counters.sum(2)).isEqualTo(5L * threadCount * perThread);
  }

  private static void add(StripedCounters counters, CyclicBarrier start, int times) {
    try {
      start.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    for (int i = 0; i < times; i++) {
      StripedCounters.Row row = counters.own();
      row.add(1, 1);
      row.add(2, 5);
    }
  }

  @Test
  void aThreadKeepsItsRow() {
    StripedCounters counters = new StripedCounters(1);

    assertThat(counters.own()).isSameAs(counters.own());
  }
}
