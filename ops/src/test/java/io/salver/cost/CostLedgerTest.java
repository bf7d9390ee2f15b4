package io.salver.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.salver.model.ModelVersion;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CostLedgerTest {
  private static final ModelVersion A = new ModelVersion("a", 1);
  private static final ModelVersion B = new ModelVersion("b", 2);
  private static final long SECOND = 1_000_000_000L;

  private final CostLedger ledger = new CostLedger();

  private static Usage usage(long predictions, long servingNs, long runCpuNs) {
    return new Usage(predictions, predictions, servingNs, runCpuNs, 0, 0, 0);
  }

  @Test
  void aThousandPredictionsCostWhatCpuMemoryAndAcceleratorsTogetherDo() {
    ledger.add(
        3 * SECOND, Map.of(A, new Usage(500, 2_000, 1, 2 * SECOND, 4 * SECOND, 6e9 * 10, 5)));

    CostLedger.Entry entry = ledger.entries().getFirst();
    assertThat(entry.version()).isEqualTo(A);
    assertThat(entry.rows()).isEqualTo(2_000);
    assertThat(entry.cpuSeconds()).isEqualTo(2 + 4 + 1);
    assertThat(entry.memoryGbSeconds()).isEqualTo(60);
    Prices prices = new Prices("EUR", 0.5, 0.01, 2);
    assertThat(entry.cost(prices)).isCloseTo(7 * 0.5 + 60 * 0.01 + 5 * 2, within(1e-9));
    assertThat(entry.costPerThousand(prices)).isCloseTo(2 * 14.1, within(1e-9));
    assertThat(entry.cost(Prices.NONE)).isZero();
  }

  @Test
  void whatTheServerTakesIsSharedByTheTimeOfDecodingAndEncoding() {
    ledger.add(10 * SECOND, Map.of(A, usage(1, 30, 2 * SECOND), B, usage(1, 10, 4 * SECOND)));

    assertThat(ledger.entries())
        .extracting(CostLedger.Entry::serverCpuSeconds)
        .containsExactly(3.0, 1.0);
    assertThat(ledger.unattributedCpuSeconds()).isZero();
  }

  @Test
  void anIdleServersTimeIsNobodys() {
    ledger.add(2 * SECOND, Map.of());
    ledger.add(SECOND, Map.of(A, new Usage(0, 0, 0, 0, 0, 1e9, 0)));

    assertThat(ledger.unattributedCpuSeconds()).isEqualTo(3);
    assertThat(ledger.entries().getFirst().cpuSeconds()).isZero();
    assertThat(ledger.entries().getFirst().memoryGbSeconds()).isEqualTo(1);
    assertThat(ledger.entries().getFirst().costPerThousand(new Prices("USD", 1, 1, 1))).isZero();
  }

  @Test
  void runsThatSeemToTakeMoreThanTheProcessAreMadeUpForLater() {
    ledger.add(SECOND, Map.of(A, usage(1, 1, 3 * SECOND)));
    assertThat(ledger.entries().getFirst().serverCpuSeconds()).isZero();

    ledger.add(4 * SECOND, Map.of(A, usage(1, 1, SECOND)));

    assertThat(ledger.entries().getFirst().serverCpuSeconds()).isEqualTo(1);
  }

  @Test
  void nothingIsLostAndNothingIsMadeUp() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    long serverNs = 0;
    for (int i = 0; i < 1_000; i++) {
      Map<ModelVersion, Usage> used = new HashMap<>();
      long runNs = 0;
      for (int m = random.nextInt(4); m > 0; m--) {
        long cpuNs = random.nextLong(SECOND);
        if (used.put(new ModelVersion("m", m), usage(1, random.nextLong(100), cpuNs)) == null) {
          runNs += cpuNs;
        }
      }
      long allNs = runNs + random.nextLong(SECOND);
      serverNs += allNs;
      ledger.add(allNs, used);
    }
    double attributed = ledger.entries().stream().mapToDouble(CostLedger.Entry::cpuSeconds).sum();

    assertThat(attributed + ledger.unattributedCpuSeconds())
        .as("seed %d", seed)
        .isCloseTo(serverNs / 1e9, within(1e-6));
  }

  @Test
  void whatWasUsedLongestAgoIsForgottenWhenThereIsTooMuch() {
    ledger.add(0, Map.of(A, usage(1, 1, 1)));
    for (int i = 0; i < CostLedger.MAX_VERSIONS; i++) {
      ledger.add(0, Map.of(new ModelVersion("x", i), usage(1, 1, 1)));
    }

    assertThat(ledger.entries())
        .hasSize(CostLedger.MAX_VERSIONS)
        .noneMatch(entry -> entry.version().equals(A));
  }

  @Test
  void pricesAreNumbersOfSomeCurrency() {
    assertThatThrownBy(() -> new Prices("USD", -1, 0, 0))
        .hasMessage("cpu_second: -1.0 (expected: >= 0)");
    assertThatThrownBy(() -> new Prices("USD", 0, Double.NaN, 0))
        .hasMessageContaining("memory_gb_second: NaN");
    assertThatThrownBy(() -> new Prices("USD", 0, 0, Double.POSITIVE_INFINITY))
        .hasMessageContaining("accelerator_second: Infinity");
    assertThatThrownBy(() -> new Prices(" ", 0, 0, 0)).hasMessageContaining("currency");
  }
}
