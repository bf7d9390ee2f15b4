package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.VersionSelector;
import io.salver.predict.ServingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OipRouteTest {
  private static final VersionSelector LATEST = VersionSelector.LATEST;
  private static final VersionSelector THREE = new VersionSelector.Exact(3);

  private static void assertRoute(String path, OipRoute expected) {
    assertThat(OipRoute.of(path)).as(path).isEqualTo(expected);
  }

  @Test
  void knowsEveryPathOfPredictions() {
    assertRoute("/v2", new OipRoute.ServerMetadata());
    assertRoute("/v2/", new OipRoute.ServerMetadata());
    assertRoute("/v2/health/live", new OipRoute.ServerLive());
    assertRoute("/v2/health/ready", new OipRoute.ServerReady());
    assertRoute("/v2/models/m", new OipRoute.ModelMetadata("m", LATEST));
    assertRoute("/v2/models/m/versions/3", new OipRoute.ModelMetadata("m", THREE));
    assertRoute("/v2/models/m/ready", new OipRoute.ModelReady("m", LATEST));
    assertRoute("/v2/models/m/versions/3/ready", new OipRoute.ModelReady("m", THREE));
    assertRoute("/v2/models/m/infer", new OipRoute.ModelInfer("m", LATEST));
    assertRoute("/v2/models/m/versions/3/infer", new OipRoute.ModelInfer("m", THREE));
    assertRoute("/v2/models/m/generate", new OipRoute.Generate("m", LATEST));
    assertRoute("/v2/models/m/versions/3/generate_stream", new OipRoute.Generate("m", THREE));
  }

  @Test
  void knowsEveryPathOfControl() {
    assertRoute("/v2/models/m/config", new OipRoute.ModelConfig("m", LATEST));
    assertRoute("/v2/models/m/versions/3/config", new OipRoute.ModelConfig("m", THREE));
    assertRoute("/v2/models/stats", new OipRoute.Statistics(null, LATEST));
    assertRoute("/v2/models/stats/stats", new OipRoute.Statistics("stats", LATEST));
    assertRoute("/v2/models/m/versions/3/stats", new OipRoute.Statistics("m", THREE));
    assertRoute("/v2/repository/index", new OipRoute.RepositoryIndex(null));
    assertRoute("/v2/repository/r/index", new OipRoute.RepositoryIndex("r"));
    assertRoute("/v2/repository/models/m/load", new OipRoute.RepositoryModel(null, "m", true));
    assertRoute("/v2/repository/r/models/m/unload", new OipRoute.RepositoryModel("r", "m", false));
    assertRoute(
        "/v2/systemsharedmemory/status",
        new OipRoute.SharedMemory(false, null, OipRoute.SharedMemory.Action.STATUS));
    assertRoute(
        "/v2/systemsharedmemory/region/x/register",
        new OipRoute.SharedMemory(false, "x", OipRoute.SharedMemory.Action.REGISTER));
    assertRoute(
        "/v2/cudasharedmemory/region/x/unregister",
        new OipRoute.SharedMemory(true, "x", OipRoute.SharedMemory.Action.UNREGISTER));
    assertRoute("/v2/trace/setting", new OipRoute.TraceSetting(null));
    assertRoute("/v2/models/m/trace/setting", new OipRoute.TraceSetting("m"));
    assertRoute("/v2/logging", new OipRoute.Logging());
  }

  @Test
  void decodesNamesAsClientsEncodeThem() {
    assertRoute("/v2/models/a%20b%2Fc", new OipRoute.ModelMetadata("a b/c", LATEST));
    assertRoute("/v2/models/a+b%2B/infer", new OipRoute.ModelInfer("a b+", LATEST));
    assertRoute("/v2/models/%E2%82%AC/ready", new OipRoute.ModelReady("€", LATEST));
    assertRoute("/v2/models/100%/ready", new OipRoute.ModelReady("100%", LATEST));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2x",
        "/v3",
        "/v2/health",
        "/v2/health/",
        "/v2/health/live/",
        "/v2/health/dead",
        "/v2/models",
        "/v2/models/",
        "/v2/models//infer",
        "/v2/models/m/",
        "/v2/models/m/infer/",
        "/v2/models/m/versions",
        "/v2/models/m/versions/",
        "/v2/models/m/versions/x/infer",
        "/v2/models/m/versions/-1/infer",
        "/v2/models/m/versions/3/",
        "/v2/models/m/trace",
        "/v2/repository",
        "/v2/repository//index",
        "/v2/repository/models//load",
        "/v2/repository/models/m/reload",
        "/v2/systemsharedmemory",
        "/v2/systemsharedmemory/region//status",
        "/v2/trace",
        "/v2/logging/x"
      })
  void knowsNoOtherPath(String path) {
    assertThat(OipRoute.of(path)).isNull();
  }

  @Test
  void refusesAVersionThatIsTooLarge() {
    assertThatThrownBy(() -> OipRoute.of("/v2/models/m/versions/9223372036854775808/infer"))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("'9223372036854775808' (expected: a number >= 0");
  }

  @Test
  void findsAgainWhatItFoundBefore() {
    OipRoute.Cache cache = new OipRoute.Cache();
    OipRoute first = cache.of("/v2/models/m/infer");
    assertThat(cache.of(String.join("/", "/v2", "models", "m", "infer"))).isSameAs(first);
    assertThat(cache.of("/v2/models/n/infer")).isEqualTo(new OipRoute.ModelInfer("n", LATEST));
    assertThat(cache.of("/v2/models/")).isNull();
  }

  @Test
  void isAskedByItsOwnMethodsOnly() {
    assertThat(new OipRoute.ModelInfer("m", LATEST).allows("GET")).isFalse();
    assertThat(new OipRoute.ModelInfer("m", LATEST).allows("POST")).isTrue();
    assertThat(new OipRoute.ServerLive().allows("HEAD")).isTrue();
    assertThat(new OipRoute.ServerLive().allows("POST")).isFalse();
    assertThat(new OipRoute.RepositoryIndex(null).allows("GET")).isFalse();
    assertThat(new OipRoute.Logging().allows("POST")).isTrue();
  }
}
