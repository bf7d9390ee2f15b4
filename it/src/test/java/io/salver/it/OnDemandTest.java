package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.examples.HeavyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many more models than fit into the memory budget, asked for as often as Zipf's law says. */
@Timeout(180)
class OnDemandTest {
  private static final int MODELS = 200;
  private static final int CALLERS = 4;
  private static final int REQUESTS_OF_EACH = 500;
  private static final long SEED = 2026;

  /** By what the engine declares, before a load is measured, of a model of 1.8 MiB: for ten. */
  private static final long BUDGET_MIB = 18;

  @TempDir Path temporary;

  @Test
  void everyRequestIsAnsweredAndTheBudgetIsKept() throws Exception {
    Path file = temporary.resolve("model.onnx");
    Files.write(file, HeavyModel.toOnnx(256, 1));
    StringBuilder config = new StringBuilder();
    config.append("lifecycle: {quiet_period: 0s, memory_budget: " + BUDGET_MIB + "MiB}\nmodels:\n");
    for (int i = 0; i < MODELS; i++) {
      Path version = Files.createDirectories(temporary.resolve("m" + i + "/1"));
      Files.createLink(version.resolve("model.onnx"), file);
      config
          .append("  - {name: m" + i + ", on_demand: true, base_path: ")
          .append(temporary.resolve("m" + i) + "}\n");
    }
    Path yaml = Files.writeString(temporary.resolve("salver.yaml"), config);
    try (RunningServer server = RunningServer.start("--config=" + yaml)) {
      assertThat(server.metric("salver_models_not_loaded")).isEqualTo(MODELS);
      load(server);

      assertThat(server.metric("salver_on_demand_evictions_total")).isPositive();
      assertThat(server.metric("salver_on_demand_wait_seconds_count")).isGreaterThan(20);
      assertThat(server.metric("salver_on_demand_refusals_total")).isZero();
    }
  }

  private static void load(RunningServer server) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        SplittableRandom random = new SplittableRandom(SEED + i);
        ends.add(
            callers.submit(() -> {
              ask(server, random);
              return null;
            }));
      }
      for (Future<?> end : ends) {
        end.get();
      }
    }
  }

  private static void ask(RunningServer server, SplittableRandom random)
      throws IOException, InterruptedException {
    for (int i = 0; i < REQUESTS_OF_EACH; i++) {
      String path = "/v1/models/m" + zipf(random) + ":predict";
      RestClient.Answer answer = server.rest().post(path, "{\"instances\": [" + i + "]}");
      assertThat(answer.body().replaceAll("\\s", "")).isEqualTo("{\"predictions\":[" + i + ".0]}");
      if (i % 25 == 0) {
        assertThat(server.metric("salver_memory_used_bytes")).isLessThanOrEqualTo(BUDGET_MIB << 20);
      }
    }
  }

  /** About as often the n-th as 1/n says, by inversion of the harmonic sum's approximation. */
  private static int zipf(SplittableRandom random) {
    return (int) Math.pow(MODELS + 1, random.nextDouble()) - 1;
  }
}
