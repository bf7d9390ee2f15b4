package io.salver.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.access.AccessTable;
import io.salver.server.access.Role;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every route of the Open Inference Protocol has a row in the table of who may do what. */
final class OipAccessTest {
  private record Example(String method, String path, Set<Role> roles) {}

  private static final Set<Role> ANY_CLIENT = Set.of(Role.PREDICT, Role.OBSERVE);

  private static final List<Example> EXAMPLES =
      List.of(
          new Example("GET", "/v2", ANY_CLIENT),
          new Example("GET", "/v2/", ANY_CLIENT),
          new Example("GET", "/v2/health/live", Set.of()),
          new Example("GET", "/v2/health/ready", Set.of()),
          new Example("GET", "/v2/models/m", ANY_CLIENT),
          new Example("GET", "/v2/models/m/versions/3", ANY_CLIENT),
          new Example("GET", "/v2/models/m/ready", ANY_CLIENT),
          new Example("POST", "/v2/models/m/infer", Set.of(Role.PREDICT)),
          new Example("POST", "/v2/models/m/versions/3/infer", Set.of(Role.PREDICT)),
          new Example("POST", "/v2/models/m/generate_stream", Set.of(Role.PREDICT)),
          new Example("GET", "/v2/models/m/versions/3/config", ANY_CLIENT),
          new Example("GET", "/v2/models/stats", Set.of(Role.OBSERVE)),
          new Example("GET", "/v2/models/m/stats", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/repository/index", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/repository/r/index", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/repository/models/m/load", Set.of(Role.ADMIN)),
          new Example("POST", "/v2/repository/r/models/m/unload", Set.of(Role.ADMIN)),
          new Example("GET", "/v2/systemsharedmemory/status", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/systemsharedmemory/region/r/register", Set.of(Role.ADMIN)),
          new Example("POST", "/v2/cudasharedmemory/unregister", Set.of(Role.ADMIN)),
          new Example("GET", "/v2/trace/setting", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/trace/setting", Set.of(Role.ADMIN)),
          new Example("POST", "/v2/models/m/trace/setting", Set.of(Role.ADMIN)),
          new Example("GET", "/v2/logging", Set.of(Role.OBSERVE)),
          new Example("POST", "/v2/logging", Set.of(Role.ADMIN)));

  /** The records that stand at the ends of a sealed hierarchy. */
  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(OipAccessTest::leaves)
        : Stream.of(type);
  }

  @Test
  void everyRouteHasARow() {
    AccessTable table = new AccessTable("/metrics");
    Set<Class<?>> seen = new HashSet<>();
    for (Example example : EXAMPLES) {
      OipRoute route = Objects.requireNonNull(OipRoute.of(example.path), example.path);
      assertThat(route.allows(example.method)).as(example.path).isTrue();
      assertThat(table.rowOf(example.method, example.path)).as(example.path).isPresent();
      assertThat(table.ofHttp(example.method, example.path).anyOf())
          .as(example.method + " " + example.path)
          .isEqualTo(example.roles);
      seen.add(route.getClass());
    }
    assertThat(seen)
        .as("a route without an example here: give it one, and a row in AccessTable")
        .containsExactlyInAnyOrderElementsOf(leaves(OipRoute.class).toList());
  }
}
