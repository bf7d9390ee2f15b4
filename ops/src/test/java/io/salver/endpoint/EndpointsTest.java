package io.salver.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EndpointsTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-27T10:00:00Z"), ZoneOffset.UTC);
  private static final OptionalLong ANY = OptionalLong.empty();

  private final FullableStore store = new FullableStore("no room");
  private final List<List<String>> published = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final Set<String> models = Set.of("m", "n");
  private Endpoints endpoints = opened();

  private Endpoints opened() {
    Endpoints opened =
        new Endpoints(
            store,
            models::contains,
            all -> published.add(all.stream().map(EndpointSpec::name).toList()),
            (endpoint, kind, value) -> told.add(endpoint + " " + kind + " " + value),
            CLOCK);
    opened.open();
    return opened;
  }

  private static EndpointSpec direct(String name, String model) {
    return spec(name, new Policy.Direct(new Route(model, VersionSelector.LATEST)));
  }

  private static EndpointSpec spec(String name, Policy policy) {
    return new EndpointSpec(name, Duration.ZERO, Map.of(), Optional.empty(), policy);
  }

  private List<String> audit() {
    return endpoints.audit().latest(100, Long.MAX_VALUE).stream()
        .map(e -> e.actor() + " " + e.action() + " " + e.target() + ": " + e.outcome())
        .toList();
  }

  private static void assertRefused(Category category, String message, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((ServingException) e).category())
        .isEqualTo(category);
  }

  @Test
  void whatIsPutIsPublishedAndThereAfterARestart() {
    Endpoint put = endpoints.put(direct("e", "m"), "anna", ANY);
    assertThat(put.revision()).isEqualTo(1);
    assertThat(put.updated()).isEqualTo(CLOCK.instant());
    assertThat(published.getLast()).containsExactly("e");
    assertThat(audit()).containsExactly("anna put endpoint/e: done");

    endpoints = opened();
    assertThat(endpoints.list()).containsExactly(put);
    assertThat(published.getLast()).containsExactly("e");
    assertThat(endpoints.put(direct("f", "m"), "anna", ANY).revision()).isEqualTo(2);
  }

  @Test
  void theKeyOfPredictionsIsKeptWithTheFirstEndpoint() {
    byte[] key = endpoints.predictionKey();
    assertThat(key).hasSize(16);
    endpoints.put(direct("e", "m"), "a", ANY);
    assertThat(opened().predictionKey()).isEqualTo(key);
    endpoints.delete("e", "a", ANY);
    assertThat(opened().predictionKey()).isEqualTo(key);
  }

  @Test
  void revisionsRiseAlsoAcrossADeletionAndARestart() {
    endpoints.put(direct("e", "m"), "a", ANY);
    endpoints.put(direct("e", "n"), "a", ANY);
    endpoints.delete("e", "a", OptionalLong.of(2));
    endpoints = opened();
    assertThat(endpoints.put(direct("e", "m"), "a", ANY).revision()).isEqualTo(3);
  }

  @Test
  void aChangeOfWhatSomebodyElseChangedIsRefused() {
    endpoints.put(direct("e", "m"), "a", OptionalLong.of(Endpoints.ABSENT));
    endpoints.put(direct("e", "n"), "a", OptionalLong.of(1));
    for (long expected : new long[] {Endpoints.ABSENT, 1, 3}) {
      assertRefused(
          Category.ABORTED,
          "revision of endpoint e: 2 (expected: " + (expected == 0 ? "none" : expected),
          () -> endpoints.put(direct("e", "m"), "b", OptionalLong.of(expected)));
    }
    assertRefused(
        Category.ABORTED,
        "revision of endpoint e: 2 (expected: 1)",
        () -> endpoints.delete("e", "b", OptionalLong.of(1)));
    assertRefused(
        Category.ABORTED,
        "revision of endpoint f: none, it is not there (expected: 4)",
        () -> endpoints.put(direct("f", "m"), "b", OptionalLong.of(4)));
    assertThat(endpoints.require("e").spec()).isEqualTo(direct("e", "n"));
    assertThat(audit())
        .contains("b delete endpoint/e: refused: revision of endpoint e: 2 (expected: 1)");
  }

  @Test
  void routesLeadToModelsOnly() {
    endpoints.put(direct("e", "m"), "a", ANY);
    Policy policy =
        new Policy.Ab(
            List.of(
                new Route("x", VersionSelector.LATEST),
                new Route("e", VersionSelector.LATEST),
                new Route("m", VersionSelector.LATEST)));
    assertRefused(
        Category.INVALID_ARGUMENT,
        "routes of endpoint f: \"x\" is not known, \"e\" is an endpoint (expected: models of this",
        () -> endpoints.put(spec("f", policy), "a", ANY));
    assertRefused(
        Category.INVALID_ARGUMENT,
        "\"self\" is an endpoint",
        () -> endpoints.put(direct("self", "self"), "a", ANY));
    Policy stacked =
        new Policy.Ensemble(
            Policy.Combine.STACK,
            List.of(new Route("m", VersionSelector.LATEST), new Route("n", VersionSelector.LATEST)),
            0,
            Optional.of(new Route("top", VersionSelector.LATEST)));
    assertRefused(
        Category.INVALID_ARGUMENT,
        "\"top\" is not known",
        () -> endpoints.put(spec("f", stacked), "a", ANY));
    assertThat(endpoints.list()).hasSize(1);
  }

  @Test
  void anEndpointMayHaveTheNameOfAModel() {
    endpoints.put(direct("m", "n"), "a", ANY);
    endpoints.put(direct("n", "m"), "a", ANY);
    assertThat(published.getLast()).containsExactly("m", "n");
  }

  @Test
  void whatAPolicyRemembersStaysWithThePolicy() {
    endpoints.put(direct("e", "m"), "a", ANY);
    endpoints.updateState("e", "bandit", (endpoint, value) -> Optional.of("1"));
    EndpointSpec slower =
        new EndpointSpec(
            "e", Duration.ofMillis(5), Map.of(), Optional.empty(), direct("e", "m").policy());
    assertThat(endpoints.put(slower, "a", ANY).state("bandit")).contains("1");
    endpoints = opened();
    assertThat(endpoints.require("e").state("bandit")).contains("1");
    assertThat(endpoints.put(direct("e", "n"), "a", ANY).state("bandit")).isEmpty();
    assertThat(told)
        .containsExactly("e bandit Optional[1]", "e bandit Optional[1]", "e bandit Optional.empty");
    endpoints = opened();
    assertThat(endpoints.require("e").states()).isEmpty();
  }

  @Test
  void actionsAreInTheAuditLogAndWhatIsLearntIsNot() {
    endpoints.put(direct("e", "m"), "a", ANY);
    endpoints.updateState("e", "canary", (endpoint, value) -> Optional.of("running"));
    Endpoint acted =
        endpoints.act(
            "e",
            "pause",
            "b",
            "too slow",
            "canary",
            (endpoint, value) -> value.map(state -> state + ", paused"));
    assertThat(acted.state("canary")).contains("running, paused");
    assertRefused(
        Category.FAILED_PRECONDITION,
        "no",
        () ->
            endpoints.act(
                "e",
                "pause",
                "b",
                "",
                "canary",
                (endpoint, value) -> {
                  throw new ServingException(Category.FAILED_PRECONDITION, "no");
                }));
    assertThat(audit())
        .containsExactly(
            "b pause endpoint/e: refused: no",
            "b pause endpoint/e: done",
            "a put endpoint/e: done");
    assertThat(endpoints.audit().latest(1, 3).getFirst().detail()).isEqualTo("too slow");
  }

  @Test
  void whenTheStoreFailsWhatWasInForceStays() {
    endpoints.put(direct("e", "m"), "a", ANY);
    endpoints.updateState("e", "bandit", (endpoint, value) -> Optional.of("1"));
    List<Endpoint> before = endpoints.list();
    int publications = published.size();
    store.setFull(true);
    assertRefused(Category.UNAVAILABLE, "no room", () -> endpoints.put(direct("e", "n"), "a", ANY));
    assertRefused(Category.UNAVAILABLE, "no room", () -> endpoints.delete("e", "a", ANY));
    assertRefused(
        Category.UNAVAILABLE,
        "no room",
        () -> endpoints.updateState("e", "bandit", (endpoint, value) -> Optional.of("2")));
    assertThat(endpoints.list()).isEqualTo(before);
    assertThat(published).hasSize(publications);
    store.setFull(false);
    assertThat(endpoints.put(direct("e", "n"), "a", ANY).revision()).isEqualTo(2);
  }

  @Test
  void whatIsDeclaredIsPutOnceAndAgainWhenItChanges() {
    endpoints.declare(direct("e", "m"));
    endpoints.put(direct("e", "n"), "anna", ANY);
    endpoints = opened();
    endpoints.declare(direct("e", "m"));
    assertThat(endpoints.require("e").spec()).isEqualTo(direct("e", "n"));

    EndpointSpec changed =
        new EndpointSpec(
            "e", Duration.ofMillis(5), Map.of(), Optional.empty(), direct("e", "m").policy());
    endpoints.declare(changed);
    assertThat(endpoints.require("e").spec()).isEqualTo(changed);
    assertThat(endpoints.require("e").revision()).isEqualTo(3);
    endpoints.delete("e", "anna", ANY);
    endpoints.declare(changed);
    assertThat(endpoints.list()).hasSize(1);
    assertThat(audit().getFirst()).isEqualTo("configuration put endpoint/e: done");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThat(endpoints.get("e")).isEmpty();
    assertRefused(Category.NOT_FOUND, "endpoint: \"e\"", () -> endpoints.delete("e", "a", ANY));
    assertRefused(
        Category.NOT_FOUND,
        "endpoint: \"e\"",
        () -> endpoints.updateState("e", "canary", (endpoint, value) -> value));
    assertThat(audit())
        .containsExactly(
            "a delete endpoint/e: refused: endpoint: \"e\" (expected: one that is there)");
  }

  @Test
  void aStateThatIsTooLargeIsRefused() {
    endpoints.put(direct("e", "m"), "a", ANY);
    assertRefused(
        Category.RESOURCE_EXHAUSTED,
        "bandit of endpoint e: 4194305 characters (expected: at most 4194304)",
        () ->
            endpoints.updateState(
                "e", "bandit", (endpoint, value) -> Optional.of("x".repeat((4 << 20) + 1))));
  }

  @Test
  void feedbackIsTakenOnceAndForgottenByAge() {
    FeedbackLog early = new FeedbackLog(store, CLOCK, Duration.ofDays(1));
    assertThat(early.note("e", "p1")).isTrue();
    assertThat(early.note("e", "p1")).isFalse();
    early.join("e", List.of(new FeedbackLog.Join("order 5", "p1")));
    assertThat(early.predictionOf("e", "order 5")).contains("p1");

    Clock later = Clock.offset(CLOCK, Duration.ofDays(2));
    FeedbackLog late = new FeedbackLog(store, later, Duration.ofDays(1));
    assertThat(late.note("e", "p1")).isTrue();
    assertThat(late.predictionOf("e", "order 5")).isEmpty();
    assertRefused(
        Category.INVALID_ARGUMENT,
        "prediction_id: 0 characters (expected: from 1 to 2048)",
        () -> late.note("e", ""));
  }
}
