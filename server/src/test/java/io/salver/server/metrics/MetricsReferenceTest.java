package io.salver.server.metrics;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;

import io.salver.cost.Prices;
import io.salver.engine.ModelFiles;
import io.salver.engine.ModelLoadException;
import io.salver.lifecycle.ModelControl.MemoryUse;
import io.salver.lifecycle.OnDemandStatistics;
import io.salver.lifecycle.VersionState;
import io.salver.model.ModelVersion;
import io.salver.predict.PredictRequest;
import io.salver.predict.Stage;
import io.salver.server.access.AccessControl;
import io.salver.server.access.AccessSettings;
import io.salver.server.cost.CostMeter;
import io.salver.tensor.ArenaPool;
import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/reference/metrics.md true: every metric with its type and labels, and no other. */
class MetricsReferenceTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `([a-z_:]+)` \\| ([a-z]+) \\| ([^|]*) \\| [^|]+ \\| [^|]+ \\|");

  @Test
  void thePageNamesEveryMetricWithItsTypeAndLabels() throws Exception {
    assertThat(documented()).isEqualTo(scraped());
  }

  private static Map<String, String> documented() throws IOException {
    Path page =
        Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent)
            .map(directory -> directory.resolve("docs/reference/metrics.md"))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow();
    Map<String, String> rows = new TreeMap<>();
    for (String line : Files.readAllLines(page)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        List<String> labels = List.of(row.group(3).replaceAll("[` ]", "").split(","));
        rows.put(
            row.group(1), row.group(2) + " " + String.join(",", labels.stream().sorted().toList()));
      }
    }
    return rows;
  }

  private static Map<String, String> scraped() throws ModelLoadException {
    Exposition page = Exposition.parse(new String(page().render(), StandardCharsets.UTF_8));
    Map<String, String> metrics = new TreeMap<>();
    page.types()
        .forEach((name, type) ->
            metrics.put(name, type + " " + page.labelNames().getOrDefault(name, "(no samples)")));
    return metrics;
  }

  /** Every source, with something to show in every metric. */
  private static MetricPage page() throws ModelLoadException {
    FakeServedModels served = new FakeServedModels();
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
    WarmupMetrics warmups = new WarmupMetrics((files, lease) -> {}, System::nanoTime);
    warmups.warm(
        new ModelFiles(Path.of("models/half/3")),
        FakeServedModels.lease(new ModelVersion("half", 3)));
    PredictionMetrics predictions = predictions(served);
    CostMeter costs =
        new CostMeter(served, predictions, new CostMeter.Config(Prices.NONE, Map.of()));
    return new MetricPage(
        List.of(
            predictions,
            costs,
            warmups,
            new ModelMetrics(served),
            new BatchMetrics(served),
            new CacheMetrics(served),
            new OnDemandMetrics(new OnDemandStatistics(), () -> new MemoryUse(3, 2)),
            new AccessMetrics(
                new AccessControl(AccessSettings.OPEN, System::nanoTime, InstantSource.system())),
            new ServerMetrics(() -> 1, () -> 2, Map.of("observation", () -> 3)),
            new ProcessMetrics("1.2.3")));
  }

  private static PredictionMetrics predictions(FakeServedModels served) {
    PredictionMetrics metrics = new PredictionMetrics(served, System::nanoTime);
    Signature signature = new Signature("c", "tensorflow/serving/classify", List.of(), List.of());
    try (ArenaPool pool = new ArenaPool(1024);
        TensorArena arena = pool.take()) {
      PredictRequest request =
          new PredictRequest(
              FakeServedModels.lease(new ModelVersion("half", 3)),
              signature,
              new Tensor[0],
              null,
              arena,
              System.nanoTime(),
              Long.MAX_VALUE);
      request.mark(Stage.RUN);
      metrics.observer(Api.GRPC).finished(request, null);
    }
    return metrics;
  }

  @Test
  void aProcessThatTheSystemSaysNothingOfStillHasAPage() {
    Exposition page = Exposition.of(new ProcessMetrics("1.2.3", Path.of("no/such/proc")));

    assertThat(page.samples())
        .containsKey("jvm_threads_current")
        .doesNotContainKey("process_resident_memory_bytes");
  }
}
