package io.salver.server.tfserving;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.server.access.AccessTable;
import io.salver.server.access.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every route of the REST API has a row in the table of who may do what. */
final class RestAccessTest {
  private record Example(String method, String path, Set<Role> roles) {}

  private static final Set<Role> ANY_CLIENT = Set.of(Role.PREDICT, Role.OBSERVE);

  private static final Map<Class<?>, List<Example>> EXAMPLES =
      Map.of(
          RestRoute.Predict.class,
          List.of(
              new Example("POST", "/v1/models/m:predict", Set.of(Role.PREDICT)),
              new Example("POST", "/v1/models/m/versions/3:predict", Set.of(Role.PREDICT)),
              new Example("POST", "/V1/models/m/labels/l:PREDICT", Set.of(Role.PREDICT))),
          RestRoute.Examples.class,
          List.of(
              new Example("POST", "/v1/models/m:classify", Set.of(Role.PREDICT)),
              new Example("POST", "/v1/models/m/versions/3:regress", Set.of(Role.PREDICT))),
          RestRoute.Status.class,
          List.of(
              new Example("GET", "/v1/models/m", ANY_CLIENT),
              new Example("GET", "/v1/models/m/versions/3", ANY_CLIENT)),
          RestRoute.Metadata.class,
          List.of(
              new Example("GET", "/v1/models/m/metadata", ANY_CLIENT),
              new Example("GET", "/v1/models/m/labels/l/metadata", ANY_CLIENT)),
          RestRoute.Models.class,
          List.of(new Example("GET", "/v1/models", Set.of(Role.OBSERVE))));

  @Test
  void everyRouteHasARow() {
    assertThat(EXAMPLES.keySet())
        .as("a route without an example here: give it one, and a row in AccessTable")
        .containsExactlyInAnyOrderElementsOf(
            Arrays.asList(RestRoute.class.getPermittedSubclasses()));
    AccessTable table = new AccessTable("/metrics");
    EXAMPLES.forEach((route, examples) ->
        examples.forEach(example -> {
          assertThat(RestRoute.of(example.method, example.path)).isInstanceOf(route);
          assertThat(table.rowOf(example.method, example.path)).as(example.path).isPresent();
          assertThat(table.ofHttp(example.method, example.path).anyOf())
              .as(example.path)
              .isEqualTo(example.roles);
        }));
  }
}
