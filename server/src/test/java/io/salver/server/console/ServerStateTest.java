package io.salver.server.console;

import static io.salver.server.metrics.FakeServedModels.version;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.salver.lifecycle.VersionState;
import io.salver.predict.Category;
import io.salver.server.metrics.Api;
import io.salver.server.metrics.FakeServedModels;
import io.salver.server.metrics.Method;
import io.salver.server.metrics.PredictionMetrics;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerStateTest {
  private static final long SECOND_NS = 1_000_000_000;

  private final FakeServedModels served = new FakeServedModels();
  private long nowNs;
  private final PredictionMetrics metrics = new PredictionMetrics(served, () -> nowNs);
  private final ServerState state =
      new ServerState(
          served, metrics, Map.of("in_flight", () -> 7), "1.2.3", () -> nowNs, () -> 1_000);

  private JsonObject next() {
    String event = new String(state.event(), StandardCharsets.UTF_8);
    assertThat(event).startsWith("event: state\ndata: ").endsWith("\n\n");
    String data = event.substring("event: state\ndata: ".length(), event.length() - 2);
    assertThat(data).as("one line").doesNotContain("\n");
    return JsonParser.parseString(data).getAsJsonObject();
  }

  private JsonObject nextVersion() {
    return next()
        .getAsJsonArray("models")
        .get(0)
        .getAsJsonObject()
        .getAsJsonArray("versions")
        .get(0)
        .getAsJsonObject();
  }

  private void predictions(int count, long latencyNs) {
    for (int i = 0; i < count; i++) {
      metrics.finished("half", 3, Api.REST, Method.PREDICT, null, latencyNs);
    }
  }

  @Test
  void anEmptyServerHasAState() {
    JsonObject told = next();

    assertThat(told.get("salver").getAsString()).isEqualTo("1.2.3");
    assertThat(told.get("time").getAsLong()).isEqualTo(1_000);
    assertThat(told.get("in_flight").getAsLong()).isEqualTo(7);
    assertThat(told.getAsJsonArray("models")).isEmpty();
  }

  @Test
  void aVersionThatIsNotReadySaysWhy() {
    served.set("half", "", "still\n\"loading\"", version(3, VersionState.LOADING, "warming up"));

    JsonObject model = next().getAsJsonArray("models").get(0).getAsJsonObject();

    assertThat(model.get("reason").getAsString()).isEqualTo("still\n\"loading\"");
    JsonObject version = model.getAsJsonArray("versions").get(0).getAsJsonObject();
    assertThat(version.get("state").getAsString()).isEqualTo("LOADING");
    assertThat(version.get("reason").getAsString()).isEqualTo("warming up");
    assertThat(version.has("requests")).isFalse();
    assertThat(version.has("memory_bytes")).isFalse();
  }

  @Test
  void ratesAreOfTheLastPeriodAndTimesOfTheWindow() {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
    predictions(1, 100_000);
    assertThat(nextVersion().has("requests_per_s")).as("with nothing to compare").isFalse();

    nowNs += 2 * SECOND_NS;
    predictions(99, 1_500_000);
    metrics.finished("half", 3, Api.REST, Method.PREDICT, Category.INTERNAL, 40_000_000);
    JsonObject second = nextVersion();
    assertThat(second.get("requests").getAsLong()).isEqualTo(101);
    assertThat(second.get("errors").getAsLong()).isEqualTo(1);
    assertThat(second.get("requests_per_s").getAsDouble()).isEqualTo(50);
    assertThat(second.get("errors_per_s").getAsDouble()).isEqualTo(0.5);
    assertThat(second.get("p50_ms").getAsDouble()).isBetween(1.0, 2.0);

    nowNs += SECOND_NS;
    JsonObject third = nextVersion();
    assertThat(third.get("requests_per_s").getAsDouble()).isZero();
    assertThat(third.get("p50_ms").getAsDouble()).as("still in the window").isBetween(1.0, 2.0);

    for (int i = 0; i < ServerState.WINDOW; i++) {
      nowNs += SECOND_NS;
      third = nextVersion();
    }
    assertThat(third.has("p50_ms")).as("the window is empty").isFalse();
    assertThat(third.getAsJsonObject("stages_ms").size()).isZero();
  }

  @Test
  void batchesAndCacheAreTold() {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));

    JsonObject told = nextVersion();

    assertThat(told.getAsJsonArray("batch_rows")).hasSize(12);
    assertThat(told.getAsJsonObject("cache").get("hits").getAsLong()).isEqualTo(1);
  }

  @Test
  void aVersionThatCameBackBeginsAnew() {
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));
    predictions(5, 1_000);
    next();
    served.remove("half");
    nowNs += SECOND_NS;
    next();
    served.set("half", "onnx", "", version(3, VersionState.AVAILABLE, ""));

    assertThat(nextVersion().has("requests_per_s")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0,0", "1,0", "2,1", "3,2", "4,2", "5,3", "1024,10", "1025,11", "9000000,11"})
  void rowsFallIntoPowersOfTwo(long rows, int bucket) {
    assertThat(BatchRows.bucket(rows)).isEqualTo(bucket);
  }
}
