package io.salver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Sticky;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointJsonTest {
  private static EndpointSpec read(String json) {
    return EndpointJson.read("", JsonTrees.object(json)).spec();
  }

  private static String policy(String policy) {
    return "{\"name\": \"e\", \"policy\": " + policy + "}";
  }

  @Test
  void everyKeyIsRead() {
    EndpointSpec spec =
        read(
            """
            {"name": "churn", "objective_ms": 12.5, "default": {"y": [0, 1.5, "no", true]},
             "sticky": {"header": "X-User"}, "revision": 7, "updated": "now", "canary": {},
             "policy": {"type": "canary", "baseline": {"model": "m", "version": 3},
                        "canary": {"model": "m", "label": "new"}, "steps": [10, 50],
                        "step_seconds": 0.5, "max_error_rate_increase": 0.02,
                        "max_latency_increase": 0.3, "max_difference_rate": 0.1}}
            """);
    assertThat(spec.objective()).isEqualTo(Duration.ofNanos(12_500_000));
    assertThat(spec.defaults()).isEqualTo(Map.of("y", List.of(0L, 1.5, "no", true)));
    assertThat(spec.sticky()).contains(new Sticky.Header("x-user"));
    Policy.Canary canary = (Policy.Canary) spec.policy();
    assertThat(canary.routes()).extracting(Object::toString).containsExactly("m/3", "m@new");
    assertThat(canary.steps()).containsExactly(10.0, 50.0);
    assertThat(canary.stepDuration()).isEqualTo(Duration.ofMillis(500));
    assertThat(canary.limits().maxDifferenceRate()).contains(0.1);
  }

  @Test
  void whatIsLeftOutHasADefault() {
    Policy.Canary canary =
        (Policy.Canary)
            read(policy(
                    """
                    {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "b"}}\
                    """))
                .policy();
    assertThat(canary.steps()).containsExactly(1.0, 5.0, 25.0, 50.0);
    assertThat(canary.stepDuration()).isEqualTo(Duration.ofSeconds(60));
    assertThat(canary.limits().maxErrorRateIncrease()).isEqualTo(0.01);
    assertThat(canary.limits().maxLatencyIncrease()).isEqualTo(0.2);
    assertThat(canary.limits().maxDifferenceRate()).isEmpty();
  }

  @Test
  void whatIsWrittenIsReadBackAsTheSame() {
    for (long seed = 0; seed < 500; seed++) {
      EndpointSpec spec = RandomSpecs.next("e" + seed, new Random(seed));
      String text = EndpointJson.write(spec).toString();
      assertThat(read(text)).as("seed %d: %s", seed, text).isEqualTo(spec);
      assertThat(EndpointJson.write(read(text)).toString()).isEqualTo(text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                       | policy.type: missing (expected: one of [direct, split, canary
          {"type": "round"}                        | policy.type: "round" (expected: one of [direct, split,
          {"type": "direct"}                       | policy.route: missing (expected: a route)
          {"type": "direct", "route": "m"}         | policy.route: "m" (expected: an object)
          {"type": "direct", "route": {}}          | policy.route.model: missing (expected: a model's name)
          {"type": "direct", "route": {"model": 3}}    | policy.route.model: 3 (expected: a string)
          {"type": "direct", "route": {"model": ""}}   | policy.route.model: 0 characters (expected: from 1
          {"type": "direct", "route": {"model": "m", "version": "3"}} | policy.route.version: "3" (expected: an integer)
          {"type": "direct", "route": {"model": "m", "version": 1.5}} | policy.route.version: 1.5 (expected: an integer)
          {"type": "direct", "route": {"model": "m", "version": -1}}  | policy.route.version: -1 (expected: >= 0)
          {"type": "direct", "route": {"model": "m", "version": 1, "label": "a"}} | policy.route.label: "a" beside version 1 (expected: one of them)
          {"type": "direct", "route": {"model": "m", "weight": 1}}    | unknown key: policy.route.weight (expected: one of [label, model, version])
          {"type": "direct", "route": {"model": "m"}, "steps": []}    | unknown key: policy.steps (expected: one of [route, type])
          {"type": "split", "routes": {}}          | policy.routes: {} (expected: a list)
          {"type": "split", "routes": []}          | policy: routes of split: 0 (expected: from 1 to 64)
          {"type": "split", "routes": [{"model": "m"}]} | policy.routes[0].weight: missing (expected: a share)
          {"type": "split", "routes": [{"model": "m", "weight": 90}, {"model": "n", "weight": 9}]} | policy: weights of split: 99.0 together (expected: 100)
          {"type": "split", "routes": [{"model": "m", "weight": 50}, {"model": "m", "weight": 50}]} | policy: routes of split: m twice (expected: once)
          {"type": "split", "routes": [{"model": "m", "weight": 101}]} | policy.routes[0]: weight of m: 101.0 (expected: a share from 0 to 100)
          {"type": "split", "routes": [{"model": "m", "weight": 1e999}]} | policy.routes[0].weight: 1e999 (expected: a number)
          {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "a"}} | policy: routes of canary: a twice (expected: once)
          {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "b"}, "steps": [5, 5]} | policy: steps of canary: [5.0, 5.0] (expected: rising
          {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "b"}, "steps": ["x"]} | policy.steps[0]: "x" (expected: a number)
          {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "b"}, "step_seconds": 0} | policy.step_seconds: 0.0 (expected: seconds, above 0
          {"type": "canary", "baseline": {"model": "a"}, "canary": {"model": "b"}, "max_difference_rate": 2} | policy: max_difference_rate: 2.0 (expected: from 0 to 1
          {"type": "shadow", "route": {"model": "a"}, "shadows": [{"model": "b"}], "percent": 0} | policy: percent of shadow: 0.0 (expected: above 0
          {"type": "bandit", "algorithm": "ucb", "routes": []} | policy.algorithm: "ucb" (expected: one of [exp3, exp4, thompson, linucb])
          {"type": "bandit", "algorithm": "linucb", "routes": [{"model": "a"}, {"model": "b"}]} | policy: features of bandit LINUCB: [] (expected: names
          {"type": "ensemble", "combine": "stack", "routes": [{"model": "a"}, {"model": "b"}]} | policy: stack of ensemble that combines by STACK
          {"type": "ensemble", "combine": "vote", "routes": []} | policy.combine: "vote" (expected: one of [majority, mean, weighted, stack])
          {"type": "cascade", "routes": [{"model": "a"}, {"model": "b"}]} | policy.min_confidence: missing (expected: a number)
          """)
  void aPolicyThatCannotBeIsRefusedWithItsPlace(String policy, String message) {
    assertRefused(policy(policy), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                                    | JSON:
          {"policy": {}}                        | name: missing (expected: a name)
          {"name": "e"}                         | policy: missing (expected: an object)
          {"name": "e", "policy": 1}            | policy: 1 (expected: an object)
          {"name": "a b", "policy": {"type": "direct", "route": {"model": "m"}}} | endpoint: "a b" (expected: a name that matches
          {"name": "e", "objective_ms": -1}     | objective_ms: -1.0 (expected: milliseconds, from 0 to 3600000)
          {"name": "e", "objective_ms": "5ms"}  | objective_ms: "5ms" (expected: a number)
          {"name": "e", "default": {}}          | default: {} (expected: an object of outputs
          {"name": "e", "default": {"y": {}}}   | default.y: {} (expected: a number, a string, a boolean, or lists of those)
          {"name": "e", "default": {"y": [null]}} | default.y[0]: null (expected: a number
          {"name": "e", "sticky": {}}           | sticky: {} (expected: {"header": NAME} or {"input": NAME})
          {"name": "e", "sticky": {"header": "a", "input": "b"}} | sticky: {"header":"a","input":"b"} (expected
          {"name": "e", "sticky": {"input": ""}} | sticky: {"input":""} (expected
          {"name": "e", "sticky": {"cookie": "a"}} | unknown key: sticky.cookie (expected: one of [header, input])
          {"name": "e", "revision": "1", "policy": {"type": "direct", "route": {"model": "m"}}} | revision: "1" (expected: an integer)
          {"name": "e", "polcy": 1, "policy": {"type": "direct", "route": {"model": "m"}}} | unknown key: polcy (expected: one of [canary, default,
          """)
  void aDefinitionThatCannotBeIsRefusedWithItsPlace(String json, String message) {
    assertRefused(json, message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "nonsense",
        "{'name': 'e'}",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": NaN}",
        "{\"a\": 01}",
        "{} {}",
        "{\"a\": \"\\ud800\"}",
        "{} // comment"
      })
  void whatIsNotJsonIsRefused(String text) {
    assertRefused(text, "JSON");
  }

  @Test
  void deepAndLongTextsAreRefused() {
    String deep = "{\"a\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertRefused(deep, "not JSON: Nesting limit 32 reached");
    assertRefused(" ".repeat(JsonTrees.MAX_CHARS) + "{}", "characters (expected: at most 1048576)");
    String routes = "{\"model\": \"m\"},".repeat(1_000);
    assertRefused(
        policy("{\"type\": \"ab\", \"routes\": [" + routes + "{}]}"),
        "policy.routes: 1001 elements (expected: at most 64)");
  }

  @Test
  void aMessageDoesNotRepeatALongValue() {
    String long1 = "x".repeat(100_000);
    assertThatThrownBy(() -> read("{\"name\": {\"a\": \"" + long1 + "\"}}"))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  private static void assertRefused(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .as(json.length() > 1_000 ? "long" : json)
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(Category.INVALID_ARGUMENT);
  }
}
