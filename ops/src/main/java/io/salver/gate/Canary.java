package io.salver.gate;

import io.salver.gate.CanaryState.Evidence;
import io.salver.gate.CanaryState.Pause;
import io.salver.gate.CanaryState.Phase;
import io.salver.gate.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The way of a canary, as pure functions from one state to the next.
 *
 * <p>A failed check takes the canary back at once. A step that lasted long enough and passed goes
 * to the next weight, the last one to promotion; one without a verdict is held, and pauses when the
 * patience ends. Without requests it pauses, and goes on when they come. Each step has evidence of
 * its own: whoever counts begins anew whenever {@link CanaryState#since} has changed.
 *
 * <p>A canary is no worse if it fails no more often than the baseline, is slower by at most a
 * quarter of the limit, in the whole and in the tail, and differs no more than the limit. Such a
 * one is taken back with a chance of at most the plan's alpha, however often somebody looks. One
 * that is worse but within the limits may be taken back, held or promoted.
 *
 * <p>The evidence is counted from one call to the next: about once a second is good, and at least
 * ten times a step.
 */
public final class Canary {
  private Canary() {}

  /** A canary at its first step. */
  public static CanaryState start(CanaryPlan plan, Instant now) {
    return atStep(plan, 0, now);
  }

  /**
   * What follows from what was observed.
   *
   * @param observed since the step began; if it has less than what the state has seen, as after a
   *     restart, the step begins anew
   * @return the next state: to be kept at once if its phase, pause or step is another one;
   *     otherwise only what is known has grown
   * @throws IllegalArgumentException if the state is of another plan
   */
  public static CanaryState next(
      CanaryPlan plan, CanaryState state, CanaryObservation observed, Instant now) {
    if (state.step() >= plan.steps().size()) {
      throw new IllegalArgumentException(
          "step: " + state.step() + " (expected: below " + plan.steps().size() + ")");
    }
    if (state.ended() || (state.phase() == Phase.PAUSED && state.pause() != Pause.NO_DATA)) {
      return state;
    }
    if (lost(state.evidence().errors(), observed)) {
      return atStep(plan, state.step(), now);
    }
    CanaryState seen = seen(plan, state, observed, now);
    if (seen.verdict().outcome() == Outcome.FAIL) {
      return ended(seen, Phase.ROLLED_BACK, now, seen.verdict());
    }
    if (!seen.lastData().plus(plan.noDataAfter()).isAfter(now)) {
      return seen.phase() == Phase.PAUSED
          ? seen
          : paused(seen, Pause.NO_DATA, now, noData(seen, observed, now));
    }
    if (seen.phase() == Phase.PAUSED) {
      // Requests have come back; the step goes on with what it had.
      return with(seen, Phase.RUNNING, Pause.NONE, seen.since(), seen.verdict());
    }
    return advanced(plan, seen, now);
  }

  private static CanaryState advanced(CanaryPlan plan, CanaryState state, Instant now) {
    Duration lasted = Duration.between(state.since(), now);
    if (lasted.compareTo(plan.stepDuration()) < 0) {
      return state;
    }
    if (state.verdict().outcome() == Outcome.PASS) {
      return state.step() + 1 < plan.steps().size()
          ? atStep(plan, state.step() + 1, now)
          : ended(state, Phase.PROMOTED, now, state.verdict());
    }
    if (lasted.compareTo(plan.patience()) >= 0) {
      return paused(
          state, Pause.INCONCLUSIVE, now, "no verdict after " + lasted.toSeconds() + " s");
    }
    return state;
  }

  private static boolean lost(ErrorEvidence before, CanaryObservation observed) {
    return observed.baseline().requests() < before.baselineRequests()
        || observed.canary().requests() < before.canaryRequests()
        || observed.baseline().errors() < before.baselineErrors()
        || observed.canary().errors() < before.canaryErrors();
  }

  private static CanaryState seen(
      CanaryPlan plan, CanaryState state, CanaryObservation observed, Instant now) {
    Evidence before = state.evidence();
    boolean both =
        observed.baseline().requests() > before.baselineMark()
            && observed.canary().requests() > before.canaryMark();
    Evidence evidence =
        new Evidence(
            before.errors().seen(observed.baseline(), observed.canary()),
            before
                .latencies()
                .seen(
                    observed.baseline().latencies(),
                    observed.canary().latencies(),
                    plan,
                    plan.alphaOfCheck()),
            both ? observed.baseline().requests() : before.baselineMark(),
            both ? observed.canary().requests() : before.canaryMark());
    return new CanaryState(
        state.phase(),
        state.pause(),
        state.step(),
        state.weight(),
        state.since(),
        both ? now : state.lastData(),
        evidence,
        CanaryAnalysis.of(plan, state.step(), observed, evidence));
  }

  private static String noData(CanaryState state, CanaryObservation observed, Instant now) {
    return "no requests for "
        + Duration.between(state.lastData(), now).toSeconds()
        + " s: canary "
        + (observed.canary().requests() - state.evidence().canaryMark())
        + ", baseline "
        + (observed.baseline().requests() - state.evidence().baselineMark());
  }

  /**
   * Stops a canary where it is.
   *
   * @throws IllegalStateException if it has ended
   */
  public static CanaryState pause(CanaryState state, Instant now) {
    refuseEnded(state, "paused");
    return paused(state, Pause.ASKED, now, "asked to pause");
  }

  /**
   * Lets a paused canary go on: its step begins anew.
   *
   * @throws IllegalStateException if it is not paused
   */
  public static CanaryState resume(CanaryPlan plan, CanaryState state, Instant now) {
    if (state.phase() != Phase.PAUSED) {
      throw new IllegalStateException("canary is " + state.phase() + " (expected: PAUSED)");
    }
    return atStep(plan, state.step(), now);
  }

  /**
   * Lets a canary take over, whatever was shown.
   *
   * @throws IllegalStateException if it has ended
   */
  public static CanaryState promote(CanaryState state, Instant now) {
    refuseEnded(state, "promoted");
    return ended(state, Phase.PROMOTED, now, withReason(state.verdict(), "asked to promote"));
  }

  /**
   * Takes a canary back, whatever was shown.
   *
   * @throws IllegalStateException if it has ended
   */
  public static CanaryState rollBack(CanaryState state, Instant now) {
    refuseEnded(state, "rolled back");
    return ended(state, Phase.ROLLED_BACK, now, withReason(state.verdict(), "asked to roll back"));
  }

  private static void refuseEnded(CanaryState state, String what) {
    if (state.ended()) {
      throw new IllegalStateException("canary is " + state.phase() + " and cannot be " + what);
    }
  }

  private static CanaryState atStep(CanaryPlan plan, int step, Instant now) {
    return new CanaryState(
        Phase.RUNNING,
        Pause.NONE,
        step,
        plan.steps().get(step),
        now,
        now,
        Evidence.NONE,
        Verdict.none());
  }

  private static CanaryState paused(CanaryState state, Pause pause, Instant now, String reason) {
    // What waits for requests goes on with its step, so the step's beginning stays.
    Instant since = pause == Pause.NO_DATA ? state.since() : now;
    return with(state, Phase.PAUSED, pause, since, withReason(state.verdict(), reason));
  }

  private static CanaryState ended(CanaryState state, Phase phase, Instant now, Verdict verdict) {
    return new CanaryState(
        phase,
        Pause.NONE,
        state.step(),
        phase == Phase.PROMOTED ? 100 : 0,
        now,
        state.lastData(),
        state.evidence(),
        verdict);
  }

  private static CanaryState with(
      CanaryState state, Phase phase, Pause pause, Instant since, Verdict verdict) {
    return new CanaryState(
        phase,
        pause,
        state.step(),
        state.weight(),
        since,
        state.lastData(),
        state.evidence(),
        verdict);
  }

  private static Verdict withReason(Verdict verdict, String reason) {
    List<String> reasons = new ArrayList<>();
    reasons.add(reason);
    reasons.addAll(verdict.reasons());
    return new Verdict(verdict.outcome(), reasons, verdict.statistics());
  }
}
