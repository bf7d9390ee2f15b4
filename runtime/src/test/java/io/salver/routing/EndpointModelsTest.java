package io.salver.routing;

import static io.salver.routing.RoutingRig.route;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.routing.RoutingRig.Call;
import io.salver.routing.RoutingRig.Fake;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointModelsTest {
  private static final Duration OBJECTIVE = Duration.ofMillis(50);
  private static final Map<String, Object> DEFAULT =
      Map.of("scores", List.of(0.2, 0.3, 0.5), "label", "unknown");
  private static final ServingException BROKEN = new ServingException(Category.INTERNAL, "broken");

  private final RoutingRig rig = new RoutingRig(7);

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(rig.openLeases).hasValue(0);
    assertThat(rig.budget.usedBytes()).isZero();
  }

  @Test
  void aModelIsAModelWhereNoEndpointHasItsName() {
    rig.model("m", 0);
    rig.publish(new Policy.Direct(route("m")));
    try (ModelLease lease = rig.endpoints.lease("m", VersionSelector.LATEST)) {
      assertThat(lease.routed()).isNull();
    }
    assertThatThrownBy(() -> rig.endpoints.lease("n", VersionSelector.LATEST))
        .hasMessage("no model n");
  }

  @Test
  void aDirectEndpointAnswersAndSaysWhoDid() {
    rig.model("m", 2);
    rig.publish(new Policy.Direct(route("m")));
    Call call = rig.call(1);
    assertThat(call.label).isEqualTo("class2");
    Prediction prediction = call.prediction();
    assertThat(prediction.route()).isEqualTo(Prediction.routeHash(route("m")));
    assertThat(prediction.version()).isEqualTo(1);
    assertThat(prediction.label()).isEqualTo(new Label.Name("class2"));
    assertThat(prediction.timeSeconds()).isEqualTo(1_800_000_000);
    assertThat(rig.endpoints.routeStatistics("e").getFirst().requests()).isEqualTo(1);
  }

  @Test
  void aSplitGivesEachRouteItsShare() {
    rig.model("a", 0);
    rig.model("b", 1);
    rig.publish(new Policy.Split(List.of(route("a", 70), route("b", 30))));
    int first = 0;
    for (int i = 0; i < 10_000; i++) {
      Call call = rig.call(1);
      first += "class0".equals(call.label) ? 1 : 0;
      assertThat(call.prediction().probability())
          .isEqualTo("class0".equals(call.label) ? 0.7f : 0.3f);
    }
    assertThat(first / 10_000.0).isCloseTo(0.7, within(0.02));
  }

  @Test
  void aStickySplitGivesAKeyTheSameRouteAlways() {
    rig.model("a", 0);
    rig.model("b", 1);
    Policy policy = new Policy.Split(List.of(route("a", 50), route("b", 50)));
    rig.endpoints.publish(
        List.of(
            new EndpointSpec(
                "e", Duration.ZERO, Map.of(), Optional.of(new Sticky.Header("x-user")), policy)));
    Set<String> seen = new HashSet<>();
    for (int user = 0; user < 50; user++) {
      String name = "user" + user;
      String label = rig.call(_ -> name, 1).label;
      seen.add(label);
      for (int again = 0; again < 5; again++) {
        assertThat(rig.call(_ -> name, 1).label).isEqualTo(label);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder("class0", "class1");
  }

  @Test
  void aSplitIsStickyByAnInputToo() {
    rig.model("a", 0);
    rig.model("b", 1);
    Policy policy = new Policy.Split(List.of(route("a", 50), route("b", 50)));
    rig.endpoints.publish(
        List.of(
            new EndpointSpec(
                "e", Duration.ZERO, Map.of(), Optional.of(new Sticky.Input("x")), policy)));
    Set<String> seen = new HashSet<>();
    for (int user = 0; user < 50; user++) {
      String label = rig.call(user).label;
      seen.add(label);
      assertThat(rig.call(user).label).isEqualTo(label);
    }
    assertThat(seen).containsExactlyInAnyOrder("class0", "class1");
    assertThat(rig.call().failure).hasMessageContaining("input x: absent or empty");
  }

  @Test
  void aRouteThatLeadsNowhereIsCountedAndAnotherOneTaken() {
    rig.model("b", 1);
    rig.publish(new Policy.Split(List.of(route("a", 100), route("b", 0))));
    assertThat(rig.call(1).label).isEqualTo("class1");
    assertThat(rig.endpoints.routeStatistics("e").getFirst().errors()).isEqualTo(1);
  }

  @Test
  void whatAnswersForARouteThatLeadsNowhereWasNotChosen() {
    rig.model("b", 1);
    rig.publish(new Policy.Ab(List.of(route("a"), route("b"))));
    Set<Float> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      seen.add(rig.call(1).prediction().probability());
    }
    assertThat(seen).containsExactlyInAnyOrder(0f, 0.5f);
  }

  private static Policy.Canary canary(Optional<Double> maxDifference) {
    return new Policy.Canary(
        route("old"),
        route("new"),
        List.of(50.0),
        Duration.ofMinutes(1),
        new Policy.CanaryLimits(0.01, 0.2, maxDifference));
  }

  @Test
  void noCallerSeesACanaryFail() {
    rig.model("old", 0);
    rig.model("new", 0).fails = BROKEN;
    rig.publish(canary(Optional.empty()));
    for (int i = 0; i < 1000; i++) {
      assertThat(rig.call(i).failure).isNull();
    }
    List<RouteStatistics> statistics = rig.endpoints.routeStatistics("e");
    assertThat(statistics.get(0).requests()).isEqualTo(1000);
    assertThat(statistics.get(1).errors())
        .isEqualTo(statistics.get(1).requests())
        .isBetween(400L, 600L);
  }

  @Test
  void aCanaryThatIsNotThereIsAnsweredForByTheBaseline() {
    rig.model("old", 0);
    rig.publish(canary(Optional.empty()));
    rig.endpoints.steer("e", new Steering.Shares(List.of(0.0, 100.0)));
    assertThat(rig.call(1).label).isEqualTo("class0");
    assertThat(rig.endpoints.routeStatistics("e").get(1).errors()).isEqualTo(1);
  }

  @Test
  void answersOfACanaryAreComparedWithTheBaselines() {
    rig.model("old", 0);
    Fake canary = rig.model("new", 0);
    rig.publish(canary(Optional.of(0.01)));
    rig.endpoints.steer("e", new Steering.Shares(List.of(0.0, 100.0)));
    rig.call(1);
    canary.cls = 1;
    assertThat(rig.call(1).label).isEqualTo("class1");
    RouteStatistics statistics = rig.endpoints.routeStatistics("e").get(1);
    assertThat(statistics.compared()).isEqualTo(2);
    assertThat(statistics.different()).isEqualTo(1);
  }

  @Test
  void aShadowIsNeverAwaitedAndItsFailuresAreItsOwn() {
    rig.model("m", 0);
    Fake shadow = rig.model("s", 1);
    shadow.holds = true;
    rig.publish(new Policy.Shadow(route("m"), List.of(route("s")), 100));
    Call call = rig.call(1);
    assertThat(call.label).isEqualTo("class0");
    shadow.letGo();
    assertThat(rig.endpoints.routeStatistics("e").get(1).different()).isEqualTo(1);
    shadow.fails = BROKEN;
    assertThat(rig.call(1).label).isEqualTo("class0");
    shadow.letGo();
    assertThat(rig.endpoints.routeStatistics("e").get(1).errors()).isEqualTo(1);
  }

  @Test
  void shadowsThatHangAreBounded() {
    rig.model("m", 0);
    Fake shadow = rig.model("s", 1);
    shadow.holds = true;
    rig.publish(new Policy.Shadow(route("m"), List.of(route("s")), 100));
    for (int i = 0; i < 400; i++) {
      assertThat(rig.call(i).label).isEqualTo("class0");
    }
    assertThat(shadow.held).hasSize(256);
    shadow.letGo();
  }

  @Test
  void theDefaultAnswersWhereTheModelFailsButNotForTheCallersFault() {
    Fake model = rig.model("m", 0);
    model.fails = BROKEN;
    rig.publish(new Policy.Direct(route("m")), Duration.ZERO, DEFAULT);
    Call call = rig.call(1, 2);
    assertThat(call.label).isEqualTo("unknown");
    assertThat(call.isDefault).isTrue();
    assertThat(call.scores).containsExactly(0.2f, 0.3f, 0.5f, 0.2f, 0.3f, 0.5f);
    assertThat(rig.endpoints.defaultAnswers("e")).isEqualTo(1);
    model.fails = ServingException.invalid("bad x");
    assertThat(rig.call(1).failure).hasMessage("bad x");
  }

  @Test
  void theDefaultAnswersAtTheObjectiveAndALateAnswerIsThrownAway() {
    Fake model = rig.model("m", 0);
    model.holds = true;
    rig.publish(new Policy.Direct(route("m")), OBJECTIVE, DEFAULT);
    Call call = rig.call(1);
    assertThat(call.done).isFalse();
    rig.expire();
    assertThat(call.label).isEqualTo("unknown");
    model.letGo();
    model.holds = false;
    assertThat(rig.call(1).label).isEqualTo("class0");
  }

  @Test
  void aDefaultOfAnotherShapeIsRefusedByName() {
    rig.model("m", 0).fails = BROKEN;
    rig.publish(new Policy.Direct(route("m")), Duration.ZERO, Map.of("label", "unknown"));
    assertThat(rig.call(1).failure).hasMessageContaining("default of output scores: no value");
  }

  @Test
  void anEnsembleAnswersWhatTheMajoritySays() {
    rig.model("a", 1);
    rig.model("b", 2);
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MAJORITY, 0), Duration.ZERO, Map.of());
    Call call = rig.call(1, 2);
    assertThat(call.label).isEqualTo("class1");
    assertThat(call.confidence).isCloseTo(2 / 3.0, within(1e-9));
    assertThat(call.scores[1]).isCloseTo(2 / 3f, within(1e-6f));
  }

  private static Policy.Ensemble ensemble(Policy.Combine combine, double minConfidence) {
    return new Policy.Ensemble(
        combine, List.of(route("a"), route("b"), route("c")), minConfidence, Optional.empty());
  }

  @Test
  void anEnsembleAnswersAtTheObjectiveWithWhatHasCome() {
    rig.model("a", 1);
    Fake straggler = rig.model("b", 2);
    straggler.holds = true;
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MEAN, 0), OBJECTIVE, Map.of());
    Call call = rig.call(1);
    assertThat(call.done).isFalse();
    rig.expire();
    assertThat(call.label).isEqualTo("class1");
    assertThat(call.confidence).isEqualTo(1);
    straggler.letGo();
  }

  @Test
  void aMemberThatSleepsIsWaitedFor() {
    rig.model("a", 1);
    Fake sleeper = rig.sleep(rig.model("b", 2));
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MAJORITY, 0), Duration.ZERO, Map.of());
    Call call = rig.call(1);
    assertThat(call.done).isFalse();
    rig.wake(sleeper);
    assertThat(call.label).isEqualTo("class1");
    assertThat(call.confidence).isCloseTo(2 / 3.0, within(1e-9));
  }

  @Test
  void aMemberThatSleepsIsAStragglerAtTheObjective() {
    rig.model("a", 1);
    Fake sleeper = rig.sleep(rig.model("b", 2));
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MEAN, 0), OBJECTIVE, Map.of());
    Call call = rig.call(1);
    rig.expire();
    assertThat(call.label).isEqualTo("class1");
    assertThat(rig.asleep.get("b")).singleElement().matches(LeaseWaiter::isGone);
    // The lifecycle may have begun to answer when it was still waited for.
    rig.asleep.get("b").getFirst().leased(rig.lease("a", VersionSelector.LATEST));
    assertThat(sleeper.runs).isZero();
    rig.wake(sleeper);
    assertThat(rig.call(1).confidence).isLessThan(1);
  }

  @Test
  void anyMemberThatIsThereReadsTheRequest() {
    rig.sleep(rig.model("a", 2));
    rig.model("b", 1);
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MEAN, 0), OBJECTIVE, Map.of());
    Call call = rig.call(1);
    rig.expire();
    assertThat(call.label).isEqualTo("class1");
    assertThat(rig.asleep.get("a")).isNotEmpty();
    assertThat(call.prediction().probability()).isEqualTo(1);
  }

  @Test
  void membersThatCannotBeLoadedAreLeftOut() {
    rig.model("a", 1);
    rig.sleep(rig.model("b", 2));
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MAJORITY, 0), Duration.ZERO, Map.of());
    Call call = rig.call(1);
    rig.asleep.get("b").getFirst().refused(BROKEN);
    assertThat(call.confidence).isEqualTo(1);
  }

  @Test
  void nobodyWaitsForASleeperOnBehalfOfACallerWhoHasGone() {
    rig.model("a", 1);
    rig.sleep(rig.model("b", 1));
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.MAJORITY, 0), Duration.ZERO, Map.of());
    Call call = rig.call(1);
    call.request.cancel();
    assertThat(call.done).isTrue();
    assertThat(rig.asleep.get("b")).singleElement().matches(LeaseWaiter::isGone);
  }

  @Test
  void aCascadeWaitsForALaterStepThatSleeps() {
    rig.model("small", 0).sureness = 0.5f;
    Fake large = rig.sleep(rig.model("large", 1));
    rig.publish(new Policy.Cascade(List.of(route("small"), route("large")), 0.8));
    Call woken = rig.call(1);
    Call refused = rig.call(1);
    Call cancelled = rig.call(1);
    assertThat(woken.done || refused.done || cancelled.done).isFalse();
    rig.asleep.get("large").get(1).refused(BROKEN);
    cancelled.request.cancel();
    rig.wake(large);
    assertThat(woken.label).isEqualTo("class1");
    assertThat(refused.label).isEqualTo("class0");
    assertThat(cancelled.done).isTrue();
  }

  @Test
  void nobodyWaitsForASleeperOnBehalfOfACallerWhoHasTheDefault() {
    rig.model("small", 0).sureness = 0.5f;
    rig.sleep(rig.model("large", 1));
    Fake largest = rig.model("largest", 2);
    rig.publish(
        new Policy.Cascade(List.of(route("small"), route("large"), route("largest")), 0.8),
        OBJECTIVE,
        DEFAULT);
    Call call = rig.call(1);
    assertThat(call.done).isFalse();
    rig.expire();
    assertThat(call.label).isEqualTo("unknown");
    assertThat(rig.asleep.get("large")).singleElement().matches(LeaseWaiter::isGone);
    assertThat(largest.runs).isZero();
    assertThat(rig.endpoints.routeStatistics("e").get(1).errors()).isZero();
  }

  @Test
  void nobodyWaitsForAMemberOfAStackOnBehalfOfACallerWhoHasTheDefault() {
    rig.model("a", 0);
    rig.sleep(rig.model("b", 0));
    rig.stackingModel("stack", 1);
    rig.publish(stacked(), OBJECTIVE, DEFAULT);
    Call call = rig.call(1);
    rig.expire();
    assertThat(call.label).isEqualTo("unknown");
    assertThat(rig.asleep.get("b")).singleElement().matches(LeaseWaiter::isGone);
  }

  @Test
  void aCanaryThatSleepsHoldsNobodyUp() {
    rig.model("old", 0);
    rig.sleep(rig.model("new", 1));
    rig.publish(canary(Optional.empty()));
    rig.endpoints.steer("e", new Steering.Shares(List.of(0.0, 100.0)));
    assertThat(rig.call(1).label).isEqualTo("class0");
  }

  @Test
  void anEnsembleThatDoesNotAgreeAnswersWithTheDefault() {
    rig.model("a", 0);
    rig.model("b", 1);
    rig.model("c", 2);
    rig.publish(ensemble(Policy.Combine.MAJORITY, 0.5), Duration.ZERO, DEFAULT);
    Call call = rig.call(1);
    assertThat(call.label).isEqualTo("unknown");
    assertThat(call.isDefault).isTrue();
  }

  @Test
  void membersThatFailOrAreNotThereAreLeftOut() {
    rig.model("a", 0).fails = BROKEN;
    rig.model("c", 2);
    rig.publish(ensemble(Policy.Combine.MEAN, 0), Duration.ZERO, Map.of());
    assertThat(rig.call(1).label).isEqualTo("class2");
    rig.models.get("c").fails = BROKEN;
    assertThat(rig.call(1).failure).isSameAs(BROKEN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fails", "is not there"})
  void theDefaultAnswersWhereTheStackingModel(String what) {
    rig.model("a", 0);
    rig.model("b", 0);
    if (what.equals("fails")) {
      rig.stackingModel("stack", 0).fails = BROKEN;
    }
    rig.publish(stacked(), Duration.ZERO, DEFAULT);
    assertThat(rig.call(1).label).isEqualTo("unknown");
    rig.publish(stacked(), OBJECTIVE, DEFAULT);
    assertThat(rig.call(1).label).isEqualTo("unknown");
    assertThat(rig.endpoints.defaultAnswers("e")).isEqualTo(2);
    rig.publish(stacked(), Duration.ZERO, Map.of());
    assertThat(rig.call(1).failure).isNotNull();
  }

  private static Policy.Ensemble stacked() {
    return new Policy.Ensemble(
        Policy.Combine.STACK, List.of(route("a"), route("b")), 0, Optional.of(route("stack")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"stack", "b"})
  void theDefaultAnswersAtTheObjectiveOfAnEnsembleThatStacksWhereOneIsLate(String late) {
    rig.model("a", 0);
    rig.model("b", 0);
    rig.stackingModel("stack", 1);
    rig.publish(stacked(), OBJECTIVE, DEFAULT);
    Call inTime = rig.call(1);
    assertThat(inTime.label).isEqualTo("class1");
    assertThat(inTime.confidence).isEqualTo(1);
    rig.models.get(late).holds = true;
    Call call = rig.call(1);
    assertThat(call.done).isFalse();
    rig.expire();
    assertThat(call.label).isEqualTo("unknown");
    rig.models.get(late).letGo();
    assertThat(rig.endpoints.defaultAnswers("e")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 50})
  void aStackingModelIsToldThatTheCallerHasGone(long objectiveMs) {
    rig.model("a", 0);
    rig.model("b", 0);
    Fake stack = rig.stackingModel("stack", 1);
    stack.holds = true;
    rig.publish(stacked(), Duration.ofMillis(objectiveMs), DEFAULT);
    Call call = rig.call(1);
    call.request.cancel();
    assertThat(Objects.requireNonNull(stack.last).isCancelled()).isTrue();
    stack.letGo();
    assertThat(call.done).isTrue();
  }

  @Test
  void weightsOfAnEnsembleDecide() {
    rig.model("a", 0);
    rig.model("b", 1);
    rig.model("c", 1);
    rig.publish(ensemble(Policy.Combine.WEIGHTED, 0), Duration.ZERO, Map.of());
    assertThat(rig.call(1).label).isEqualTo("class1");
    rig.endpoints.steer("e", new Steering.Weights(List.of(0.8, 0.1, 0.1)));
    assertThat(rig.call(1).label).isEqualTo("class0");
  }

  @Test
  void aCascadeAsksTheLargerModelWhereTheSmallerIsNotSure() {
    Fake small = rig.model("small", 0);
    Fake large = rig.model("large", 1);
    rig.publish(new Policy.Cascade(List.of(route("small"), route("large")), 0.8));
    assertThat(rig.call(1).label).isEqualTo("class0");
    assertThat(large.runs).isZero();
    small.sureness = 0.5f;
    Call unsure = rig.call(1);
    assertThat(unsure.label).isEqualTo("class1");
    assertThat(unsure.prediction().route()).isEqualTo(Prediction.routeHash(route("large")));
    large.fails = BROKEN;
    assertThat(rig.call(1).label).isEqualTo("class0");
  }

  @Test
  void aBanditsChoiceComesBackInThePredictionsId() {
    rig.model("a", 0);
    rig.model("b", 1);
    rig.publish(
        new Policy.BanditRoutes(Policy.Algorithm.EXP3, List.of(route("a"), route("b")), List.of()));
    Bandit bandit = rig.endpoints.bandit("e").orElseThrow();
    for (int i = 0; i < 500; i++) {
      Call call = rig.call(1);
      int arm = "class0".equals(call.label) ? 0 : 1;
      bandit = bandit.learn(arm, call.prediction().probability(), new double[0], arm);
      rig.endpoints.steer("e", new Steering.Learnt(bandit));
    }
    assertThat(bandit.weights()[1]).isGreaterThan(0.8);
  }

  @Test
  void linUcbChoosesByTheFeatures() {
    rig.model("a", 0);
    rig.model("b", 1);
    rig.publish(
        new Policy.BanditRoutes(
            Policy.Algorithm.LINUCB, List.of(route("a"), route("b")), List.of("x")));
    Bandit bandit = rig.endpoints.bandit("e").orElseThrow();
    int right = 0;
    for (int i = 0; i < 400; i++) {
      float x = i % 2 == 0 ? -1 : 1;
      Call call = rig.call(x);
      int arm = "class0".equals(call.label) ? 0 : 1;
      boolean good = arm == (x < 0 ? 0 : 1);
      right += good && i >= 300 ? 1 : 0;
      assertThat(call.prediction().context()).containsExactly(x);
      bandit = bandit.learn(arm, call.prediction().probability(), new double[] {x}, good ? 1 : 0);
      rig.endpoints.steer("e", new Steering.Learnt(bandit));
    }
    assertThat(right).isGreaterThan(90);
  }

  @Test
  void countsGoOnWhenAnEndpointIsPublishedAnew() {
    rig.model("a", 0);
    rig.model("b", 0);
    rig.publish(new Policy.Split(List.of(route("a", 100), route("b", 0))));
    rig.call(1);
    rig.publish(new Policy.Split(List.of(route("b", 0), route("a", 100))));
    rig.call(1);
    assertThat(rig.endpoints.routeStatistics("e").get(1).requests()).isEqualTo(2);
  }

  @Test
  void aCallersOwnNameForAPredictionIsPassedOn() {
    rig.model("a", 0);
    rig.publish(new Policy.Direct(route("a")));
    Call call = rig.call(header -> header.equals(JoinListener.HEADER) ? "order-7" : null, 1);
    rig.call(1);
    assertThat(rig.joins).containsExactly("e order-7 " + call.predictionId);
  }

  @Test
  void whatCannotBeIsRefusedWithTheValue() {
    assertThatThrownBy(() -> new Policy.Split(List.of(route("a", 70), route("b", 20))))
        .hasMessage("weights of split: 90.0 together (expected: 100)");
    assertThatThrownBy(() -> new Policy.Split(List.of(route("a", 50), route("a", 50))))
        .hasMessageContaining("a twice");
    assertThatThrownBy(() -> rig.publish(ensemble(Policy.Combine.MEAN, 0.5)))
        .hasMessageContaining("without a default");
    rig.model("a", 0);
    rig.publish(new Policy.Direct(route("a")));
    assertThatThrownBy(() -> rig.endpoints.steer("e", new Steering.Shares(List.of(100.0))))
        .hasMessageContaining("what its policy with 1 routes is steered by");
  }
}
