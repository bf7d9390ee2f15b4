package io.salver.gate;

import java.time.Instant;

/**
 * Where a canary is on its way: a value, made and moved on by {@link Canary}.
 *
 * @param phase whether it is on its way at all
 * @param pause why it pauses; {@link Pause#NONE} if it does not
 * @param step which step it is at, from 0; after a promotion the last one
 * @param weight the canary's share now in percent
 * @param since when the phase, or the step in it, began
 * @param lastData when both sides last had new requests
 * @param evidence what this step has shown
 * @param verdict what that comes to
 */
public record CanaryState(
    Phase phase,
    Pause pause,
    int step,
    double weight,
    Instant since,
    Instant lastData,
    Evidence evidence,
    Verdict verdict) {
  /** The states of the contract. */
  public enum Phase {
    /** It has its weight and is watched. */
    RUNNING,
    /** It keeps its weight; nothing moves by itself, but for what waits for requests. */
    PAUSED,
    /** It has taken over: weight 100. */
    PROMOTED,
    /** It was taken back: weight 0. */
    ROLLED_BACK
  }

  /** Why a canary pauses. */
  public enum Pause {
    /** It does not. */
    NONE,
    /** Somebody said so. */
    ASKED,
    /** No requests; it goes on by itself when there are some. */
    NO_DATA,
    /** It waited long enough for a verdict. */
    INCONCLUSIVE
  }

  /**
   * What one step has shown so far.
   *
   * @param errors on failures
   * @param latencies of the last look
   * @param baselineMark the baseline's requests when both sides last had new ones
   * @param canaryMark the canary's
   */
  record Evidence(
      ErrorEvidence errors, LatencyEvidence latencies, long baselineMark, long canaryMark) {
    static final Evidence NONE = new Evidence(ErrorEvidence.NONE, LatencyEvidence.NONE, 0, 0);
  }

  /** Whether it can still move. */
  public boolean ended() {
    return phase == Phase.PROMOTED || phase == Phase.ROLLED_BACK;
  }
}
