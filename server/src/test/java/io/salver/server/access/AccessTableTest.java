package io.salver.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessTableTest {
  private final AccessTable table = new AccessTable("/my/metrics");

  private static Set<Role> roles(String text) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    if (!text.equals("none")) {
      Arrays.stream(text.split("\\+", -1)).forEach(name -> roles.add(Role.of(name).orElseThrow()));
    }
    return roles;
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /healthz, none",
    "HEAD, /readyz, none",
    "GET, /v2/health/live, none",
    "GET, /metrics, observe",
    "GET, /my/metrics, observe",
    "GET, /version, observe",
    "POST, /v1/models/m:predict, predict",
    "POST, /V1/MODELS/m/VERSIONS/3:PREDICT, predict",
    "POST, /v1/models/m/labels/stable:classify, predict",
    "POST, /v1/models/a%2Fb:regress, predict",
    "GET, /v1/models, observe",
    "GET, /v1/models/m, predict+observe",
    "GET, /v1/models/m/versions/3/metadata, predict+observe",
    "OPTIONS, /v1/models/m:predict, none",
    "GET, /v2, predict+observe",
    "POST, /v2/models/a:b/infer, predict",
    "POST, /v2/models/m/versions/3/infer, predict",
    "GET, /v2/models/m/config, predict+observe",
    "GET, /v2/models/stats, observe",
    "GET, /v2/models/m/versions/3/stats, observe",
    "POST, /v2/repository/index, observe",
    "POST, /v2/repository/r/models/m/load, admin",
    "GET, /v2/systemsharedmemory/region/r/status, observe",
    "POST, /v2/cudasharedmemory/region/r/register, admin",
    "GET, /v2/logging, observe",
    "POST, /v2/logging, admin",
    "POST, /v2/models/m/trace/setting, admin",
    "POST, /v1/endpoints/e:predict, predict",
    "POST, /v1/endpoints/e:classify, predict",
    "POST, /v1/endpoints/e:feedback, predict",
    "GET, /v1/endpoints/e/statistics, observe",
    "PUT, /v1/endpoints/e, admin",
    "POST, /v1/endpoints/e:rollback, admin",
    "GET, /v1/control/models/m, observe",
    "PUT, /v1/control/models/m/labels, admin",
    "GET, /v1/events, observe",
    "GET, /, none",
  })
  void routesNeedWhatTheyNeed(String method, String path, String expected) {
    assertThat(table.rowOf(method, path)).isPresent();
    assertThat(table.ofHttp(method, path).anyOf()).isEqualTo(roles(expected));
    assertThat(table.ofHttp(method, path)).as("asked again").isSameAs(table.ofHttp(method, path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/nothing",
        "/v1/endpoints/e:promote:predict",
        "/v1/endpoints/e/x:predict",
        "/v1/models/m:predict/",
        "/v1/models//m:predict",
        "/v1/models/m%3Apredict",
        "/v2/repository/models/m/load/x",
        "/v2/models/m/infer/../../../repository/models/m/load",
        "/healthz",
        "//healthz",
        "/v2/models/m/config"
      })
  void whatIsNotInTheTableNeedsAdmin(String path) {
    assertThat(table.rowOf("POST", path)).isEmpty();
    assertThat(table.ofHttp("POST", path).anyOf()).containsExactly(Role.ADMIN);
  }

  /** The router of endpoints decodes a path before it looks for colons, for one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/endpoints/e%3Apromote",
        "/v1/endpoints/e:promote%2F",
        "/V1/ENDPOINTS/e/x",
        "/v1/control/models/",
        "/v1/control/models/a/b:load",
        "/v1/new",
        "/new"
      })
  void whatIsNotInTheTableIsControlWhereControlMayBeBehindIt(String path) {
    assertThat(table.rowOf("POST", path)).isEmpty();
    assertThat(table.ofHttp("POST", path).control()).isTrue();
    assertThat(table.ofHttp("POST", "/v1/models/m:new").control()).isFalse();
    assertThat(table.ofHttp("POST", "/v2/new").control()).isFalse();
  }

  @Test
  void anRpcThatIsNotInTheTableNeedsAdmin() {
    assertThat(table.ofRpc("a.New/Thing").anyOf()).containsExactly(Role.ADMIN);
    assertThat(table.ofRpc("grpc.health.v1.Health/Check").anyOf()).isEmpty();
    assertThat(table.ofRpc("tensorflow.serving.PredictionService/Predict").anyOf())
        .containsExactly(Role.PREDICT);
  }

  @Test
  void controlIsWhatSalverIsLookedAfterWith() {
    assertThat(table.ofHttp("GET", "/v1/endpoints").control()).isTrue();
    assertThat(table.ofHttp("GET", "/").control()).isTrue();
    assertThat(table.ofHttp("POST", "/v1/endpoints/e:predict").control()).isFalse();
    assertThat(table.ofHttp("POST", "/v2/repository/models/m/load").control()).isFalse();
  }
}
