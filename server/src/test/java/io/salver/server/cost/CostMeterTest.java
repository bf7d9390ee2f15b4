package io.salver.server.cost;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.salver.batching.RunStatistics;
import io.salver.cost.CostLedger;
import io.salver.cost.Prices;
import io.salver.lifecycle.VersionState;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Stage;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.Method;
import io.salver.server.metrics.ModelResources;
import io.salver.server.metrics.PredictionMetrics;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CostMeterTest {
  private static final ModelVersion HALF = new ModelVersion("half", 3);
  private static final long SECOND = 1_000_000_000L;

  private final FakeServedModels served = new FakeServedModels();
  private final PredictionMetrics predictions = new PredictionMetrics(served, System::nanoTime);
  private long nowNs;
  private long processCpuNs;

  private CostMeter meter(Prices prices) {
    return new CostMeter(
        served,
        predictions,
        new CostMeter.Config(prices, Map.of("half", 2)),
        () -> nowNs,
        () -> processCpuNs);
  }

  private void predict(long decodeNs, long encodeNs) {
    Signature signature = new Signature("p", "", List.of(), List.of());
    try (ArenaPool pool = new ArenaPool(1024);
        TensorArena arena = pool.take()) {
      PredictRequest request =
          new PredictRequest(
              FakeServedModels.lease(HALF),
              signature,
              new Tensor[0],
              null,
              arena,
              1,
              Long.MAX_VALUE);
      request.mark(Stage.DECODE, 1 + decodeNs);
      request.mark(Stage.RUN, 1 + decodeNs + 5);
      request.mark(Stage.ENCODE, 1 + decodeNs + 5 + encodeNs);
      predictions.observer(Api.REST, Method.PREDICT).finished(request, null);
    }
  }

  @Test
  void aModelPaysForItsRunsItsMemoryAndItsShareOfTheServer() {
    served.set("half", "fake", "", version(3, VersionState.AVAILABLE, ""));
    CostMeter meter = meter(new Prices("EUR", 1, 1, 1));
    nowNs = 10 * SECOND;
    processCpuNs = 2 * SECOND;
    predict(30, 12);

    CostLedger.Entry entry = meter.report().entries().getFirst();

    assertThat(entry.version()).isEqualTo(HALF);
    assertThat(entry.predictions()).isEqualTo(1);
    // The two runs of FakeServedModels, of 20 ns each, that nobody measured.
    assertThat(entry.runCpuSeconds()).isEqualTo(40e-9);
    assertThat(entry.serverCpuSeconds()).isEqualTo(2 - 40e-9);
    assertThat(entry.acceleratorSeconds()).isEqualTo(2 * 40e-9);
    long bytes = ModelResources.of(served, HALF).orElseThrow().memoryBytes();
    assertThat(entry.memoryGbSeconds()).isEqualTo(bytes * 10 / 1e9);
  }

  @Test
  void aModelThatIsGoneKeepsItsBill() {
    served.set("half", "fake", "", version(3, VersionState.AVAILABLE, ""));
    CostMeter meter = meter(Prices.NONE);
    predict(1, 1);
    var unused = meter.report();
    served.remove("half");
    nowNs = 100 * SECOND;
    processCpuNs = SECOND;

    CostMeter.Report report = meter.report();

    assertThat(report.entries()).hasSize(1);
    assertThat(report.entries().getFirst().memoryGbSeconds()).isZero();
    assertThat(report.unattributedCpuSeconds()).isCloseTo(1, within(1e-6));
  }

  @Test
  void theReportIsTheJsonThatIsPromised() {
    served.set("half", "fake", "", version(3, VersionState.AVAILABLE, ""));
    CostMeter meter = meter(new Prices("EUR", 2, 0, 0));
    processCpuNs = SECOND;
    predict(1, 1);

    assertThat(new String(meter.json(), StandardCharsets.UTF_8))
        .startsWith(
            "{\"currency\": \"EUR\", \"models\": [{\"model\": \"half\", \"version\": 3,"
                + " \"predictions\": 1, \"rows\": 1, \"cpu_seconds\": 1.0,")
        .contains("\"cost\": 2.0, \"cost_per_1000\": 2000.0}]")
        .endsWith("\"unattributed_cost\": 0.0}\n");
  }

  @Test
  void whatALoadDidAfterItWasReadLastIsReadWhenAnotherTakesItsPlace() {
    RunStatistics first = new RunStatistics();
    RunStatistics second = new RunStatistics();
    Optional<ModelResources> held = Optional.of(new ModelResources(1_000, 70, 1));
    Served none = Served.NOTHING;
    VersionMeter meter = new VersionMeter(0);
    first.ran(1, 1, 0, 100, 0);
    first.measured(100, 100);
    assertThat(meter.read(Optional.of(first), held, none, 1).runCpuNs()).isEqualTo(100);

    first.ran(1, 1, 0, 50, 0);
    second.ran(1, 1, 0, 7, 0);
    second.measured(7, 7);

    var usage =
        meter.read(Optional.of(second), Optional.of(new ModelResources(1_000, 5, 1)), none, 1);
    assertThat(usage.runCpuNs()).isEqualTo(57);
    assertThat(usage.workerCpuNs()).isEqualTo(5);
  }
}
