package io.salver.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.batching.RunStatistics;
import org.junit.jupiter.api.Test;

class RunMeterTest {
  private final RunStatistics runs = new RunStatistics();
  private final RunMeter meter = new RunMeter(runs, false);

  @Test
  void measuredRunsSpeakForAll() {
    for (int i = 0; i < 10; i++) {
      runs.ran(1, 1, 0, 100, 0);
    }
    runs.measured(100, 40);

    assertThat(meter.advance(0)).isEqualTo(new RunMeter.Runs(1_000, 400, 0));
    assertThat(meter.advance(0)).isEqualTo(new RunMeter.Runs(0, 0, 0));
  }

  @Test
  void whatWasMeasuredLastCountsAndElseWhatWasMeasuredEver() {
    runs.ran(1, 1, 0, 100, 0);
    runs.measured(100, 50);
    assertThat(meter.advance(0).runCpuNs()).isEqualTo(50);

    runs.ran(1, 1, 0, 100, 0);
    runs.measured(100, 100);
    assertThat(meter.advance(0).runCpuNs()).isEqualTo(100);

    runs.ran(1, 1, 0, 100, 0);
    assertThat(meter.advance(0).runCpuNs()).isEqualTo(75);
  }

  @Test
  void whileNothingIsMeasuredAThreadComputesUnlessOthersDo() {
    runs.ran(1, 1, 0, 100, 0);

    assertThat(meter.advance(0).runCpuNs()).isEqualTo(100);
    assertThat(new RunMeter(runs, true).advance(70)).isEqualTo(new RunMeter.Runs(100, 0, 70));
  }

  @Test
  void countersThatWereResetBeginAtZero() {
    runs.ran(1, 1, 0, 100, 0);
    runs.measured(100, 50);
    meter.advance(900);
    runs.reset();
    runs.ran(1, 1, 0, 60, 0);
    runs.measured(60, 60);

    assertThat(meter.advance(5)).isEqualTo(new RunMeter.Runs(60, 60, 5));
  }
}
