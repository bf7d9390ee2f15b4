package io.salver.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.SwapPolicy.Action;
import io.salver.lifecycle.SwapPolicy.Candidate;
import io.salver.lifecycle.SwapPolicy.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class SwapPolicyTest {
  private static final int STATES = 20_000;

  private static void forRandomStates(
      SwapPolicy policy, BiConsumer<List<Candidate>, Optional<Action>> property) {
    for (long seed = 0; seed < STATES; seed++) {
      List<Candidate> state = randomState(new SplittableRandom(seed));
      try {
        property.accept(state, policy.next(state));
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + state + ": " + e.getMessage(), e);
      }
    }
  }

  private static List<Candidate> randomState(SplittableRandom random) {
    List<Candidate> state = new ArrayList<>();
    int size = random.nextInt(6);
    for (int i = 0; i < size; i++) {
      Standing standing = Standing.values()[random.nextInt(Standing.values().length)];
      boolean wanted = !standing.inMemory() || random.nextBoolean();
      state.add(new Candidate(i, random.nextInt(10), wanted, standing));
    }
    return state;
  }

  private static long serving(List<Candidate> state) {
    return state.stream().filter(c -> c.standing() == Standing.SERVING).count();
  }

  private static boolean anyWanted(List<Candidate> state) {
    return state.stream().anyMatch(Candidate::wanted);
  }

  @Test
  void onlyWhatIsWantedAndLoadableIsLoadedAndTheHighestFirst() {
    for (SwapPolicy policy : SwapPolicy.values()) {
      forRandomStates(
          policy,
          (state, action) -> {
            if (action.orElse(null) instanceof Action.Load(Candidate chosen)) {
              assertThat(chosen.wanted()).isTrue();
              assertThat(chosen.standing()).isEqualTo(Standing.LOADABLE);
              assertThat(state)
                  .noneMatch(c ->
                      c.wanted()
                          && c.standing() == Standing.LOADABLE
                          && c.version() > chosen.version());
            }
          });
    }
  }

  @Test
  void onlyWhatIsServingAndNotWantedIsUnloadedAndTheLowestFirst() {
    for (SwapPolicy policy : SwapPolicy.values()) {
      forRandomStates(
          policy,
          (state, action) -> {
            if (action.orElse(null) instanceof Action.Unload(Candidate chosen)) {
              assertThat(chosen.wanted()).isFalse();
              assertThat(chosen.standing()).isEqualTo(Standing.SERVING);
              assertThat(state)
                  .noneMatch(c ->
                      !c.wanted()
                          && c.standing() == Standing.SERVING
                          && c.version() < chosen.version());
            }
          });
    }
  }

  @Test
  void availabilityPreservingNeverUnloadsTheLastOneThatServesWhileAnyIsWanted() {
    forRandomStates(
        SwapPolicy.AVAILABILITY_PRESERVING,
        (state, action) -> {
          if (action.orElse(null) instanceof Action.Unload && anyWanted(state)) {
            assertThat(serving(state)).isGreaterThan(1);
          }
        });
  }

  @Test
  void availabilityPreservingUnloadsEverythingThatIsNotNeeded() {
    forRandomStates(
        SwapPolicy.AVAILABILITY_PRESERVING,
        (state, action) -> {
          boolean wantedServes =
              state.stream().anyMatch(c -> c.wanted() && c.standing() == Standing.SERVING);
          boolean unwantedServes =
              state.stream().anyMatch(c -> !c.wanted() && c.standing() == Standing.SERVING);
          if (unwantedServes && (wantedServes || !anyWanted(state))) {
            assertThat(action.orElseThrow()).isInstanceOf(Action.Unload.class);
          }
        });
  }

  @Test
  void resourcePreservingNeverLoadsBesideWhatIsNotWanted() {
    forRandomStates(
        SwapPolicy.RESOURCE_PRESERVING,
        (state, action) -> {
          if (action.orElse(null) instanceof Action.Load) {
            assertThat(state).noneMatch(c -> !c.wanted() && c.standing().inMemory());
          }
        });
  }

  @Test
  void resourcePreservingUnloadsNothingForFilesThatAreNotThere() {
    forRandomStates(
        SwapPolicy.RESOURCE_PRESERVING,
        (state, action) -> {
          boolean nothingToLoad =
              state.stream()
                  .filter(Candidate::wanted)
                  .allMatch(c -> c.standing() == Standing.WAITING);
          if (nothingToLoad && anyWanted(state)) {
            assertThat(action).isEmpty();
          }
        });
  }

  @Test
  void followingThePolicyEndsWithExactlyWhatIsWanted() {
    for (SwapPolicy policy : SwapPolicy.values()) {
      for (long seed = 0; seed < 2_000; seed++) {
        List<Candidate> state = new ArrayList<>();
        for (Candidate c : randomState(new SplittableRandom(seed))) {
          Standing settled = c.standing().inMemory() ? Standing.SERVING : Standing.LOADABLE;
          state.add(new Candidate(c.index(), c.version(), c.wanted(), settled));
        }
        follow(policy, state);
        assertThat(state)
            .as("seed " + seed)
            .allMatch(c -> c.wanted() && c.standing() == Standing.SERVING);
      }
    }
  }

  private static void follow(SwapPolicy policy, List<Candidate> state) {
    while (true) {
      switch (policy.next(state).orElse(null)) {
        case Action.Load(Candidate c) ->
            state.set(
                state.indexOf(c), new Candidate(c.index(), c.version(), true, Standing.SERVING));
        case Action.Unload(Candidate c) -> state.remove(c);
        case null -> {
          return;
        }
      }
    }
  }
}
