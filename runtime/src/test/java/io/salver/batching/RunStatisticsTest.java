package io.salver.batching;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunStatisticsTest {
  @Test
  void afterAResetNothingWasRun() {
    RunStatistics statistics = new RunStatistics();
    statistics.ran(3, 2, 1, 1, 1);
    statistics.reset();
    assertThat(statistics.bySize()).isEmpty();
    assertThat(statistics.executions()).isZero();
    assertThat(statistics.rows()).isZero();
    assertThat(statistics.requests()).isZero();
  }

  @Test
  void runsAreCountedByTheirSize() {
    RunStatistics statistics = new RunStatistics();
    statistics.ran(1, 1, 0, 10, 0);
    statistics.ran(8, 3, 1, 20, 2);
    statistics.ran(8, 8, 4, 30, 5);
    assertThat(statistics.executions()).isEqualTo(3);
    assertThat(statistics.rows()).isEqualTo(17);
    assertThat(statistics.requests()).isEqualTo(12);
    assertThat(statistics.bySize())
        .containsExactly(
            new RunStatistics.Size(1, 1, 0, 10, 0), new RunStatistics.Size(8, 2, 5, 50, 7));
  }

  @Test
  void largeRunsShareACellByPowersOfTwoAndNoRowIsLost() {
    RunStatistics statistics = new RunStatistics();
    for (long rows : new long[] {0, 1024, 1025, 2048, 2049, Long.MAX_VALUE >> 1}) {
      statistics.ran(rows, 1, 0, 1, 0);
    }
    assertThat(statistics.bySize())
        .extracting(RunStatistics.Size::batchSize)
        .containsExactly(0L, 1024L, 2048L, 4096L, 1L << 62);
    assertThat(statistics.rows()).isEqualTo(1024 + 1025 + 2048 + 2049 + (Long.MAX_VALUE >> 1));
  }

  @Test
  void threadsThatCountAtOnceLoseNothing() throws InterruptedException {
    RunStatistics statistics = new RunStatistics();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 10_000; i++) {
                  statistics.ran(1 + i % 50, 1, 1, 1, 1);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(statistics.executions()).isEqualTo(40_000);
    assertThat(statistics.bySize()).allMatch(size -> size.inferNs() == size.count());
  }
}
