package io.salver.server.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.tensor.MemoryBudget;
import io.salver.tensor.MemoryLimitException;
import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoopMemoryTest {
  private static final long LIMIT_BYTES = 10_000_000;

  private final MemoryBudget budget = new MemoryBudget(LIMIT_BYTES);
  private final LoopMemory one = new LoopMemory(budget);
  private final LoopMemory other = new LoopMemory(budget);

  @Test
  void allLoopsTogetherStayWithinTheBudgetAndGiveNearlyAllOfItBack() {
    for (long seed = 1; seed <= 5; seed++) {
      Random random = new Random(seed);
      ArrayDeque<Long> taken = new ArrayDeque<>();
      for (int i = 0; i < 10_000; i++) {
        LoopMemory loop = random.nextBoolean() ? one : other;
        if (random.nextInt(3) > 0) {
          long bytes = random.nextInt(200_000);
          try {
            loop.take(bytes);
            taken.add(loop == one ? bytes : -bytes);
          } catch (MemoryLimitException full) {
            assertThat(full.isPassing()).isTrue();
          }
        } else if (!taken.isEmpty()) {
          long bytes = taken.poll();
          (bytes >= 0 ? one : other).give(Math.abs(bytes));
        }
        long used = taken.stream().mapToLong(Math::abs).sum();
        assertThat(one.usedBytes() + other.usedBytes()).as("seed " + seed).isEqualTo(used);
        assertThat(budget.usedBytes()).as("seed " + seed).isBetween(used, LIMIT_BYTES);
      }
      taken.forEach(bytes -> (bytes >= 0 ? one : other).give(Math.abs(bytes)));
      assertThat(budget.usedBytes()).as("seed " + seed).isLessThan(LIMIT_BYTES / 200);
    }
  }

  @Test
  void aLoopGetsTheLastBytesThatNoWholeStepFits() {
    other.take(LIMIT_BYTES - 5_000);
    one.take(LIMIT_BYTES - budget.usedBytes());
    assertThat(budget.usedBytes()).isEqualTo(LIMIT_BYTES);
  }

  @Test
  void whatIsRefusedTakesNothing() {
    one.take(LIMIT_BYTES - 1_000_000);
    assertThatThrownBy(() -> other.take(2_000_000))
        .isInstanceOf(MemoryLimitException.class)
        .hasMessageContaining("request memory: 2000000 bytes")
        .hasMessageContaining("in all requests together");
    assertThat(other.usedBytes()).isZero();
    other.take(900_000);
  }
}
