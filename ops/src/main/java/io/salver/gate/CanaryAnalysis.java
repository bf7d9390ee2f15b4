package io.salver.gate;

import io.salver.gate.Verdict.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Weighs what a step has shown.
 *
 * <p>A check fails if its test shows that the canary is worse (fails more often at all; is slower
 * by more than a quarter of the limit; differs more than the limit) and the estimate is beyond the
 * limit. It passes if its bound shows that the harm which users could see at the next weight is
 * within the limit: a canary that goes to 5 % may be shown to be within 20 times the limit, one
 * that takes over must be shown to be within it. So early steps, which can do little harm, need few
 * requests. In between a check says nothing.
 */
final class CanaryAnalysis {
  /** The part of the latency's limit that a canary may pass and still be no worse. */
  private static final double HARMLESS = 0.25;

  private final CanaryPlan plan;
  private final double nextShare;
  private final boolean last;
  private final CanaryObservation observed;
  private final CanaryState.Evidence evidence;
  private final Map<String, Double> statistics = new TreeMap<>();
  private final List<String> failed = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private final List<String> passed = new ArrayList<>();

  private CanaryAnalysis(
      CanaryPlan plan, int step, CanaryObservation observed, CanaryState.Evidence evidence) {
    this.plan = plan;
    this.nextShare = plan.nextWeight(step) / 100;
    this.last = step == plan.steps().size() - 1;
    this.observed = observed;
    this.evidence = evidence;
  }

  static Verdict of(
      CanaryPlan plan, int step, CanaryObservation observed, CanaryState.Evidence evidence) {
    CanaryAnalysis analysis = new CanaryAnalysis(plan, step, observed, evidence);
    analysis.errors();
    analysis.latency();
    analysis.tail();
    plan.limits().maxDifferenceRate().ifPresent(analysis::differences);
    return analysis.verdict();
  }

  private void errors() {
    CanaryObservation.Side baseline = observed.baseline();
    CanaryObservation.Side canary = observed.canary();
    double limit = plan.limits().maxErrorRateIncrease();
    double alpha = plan.alphaOfCheck();
    // Half of it for each side's rate.
    Bounds ofBaseline = RateBounds.of(baseline.errors(), baseline.requests(), alpha / 2);
    Bounds ofCanary = RateBounds.of(canary.errors(), canary.requests(), alpha / 2);
    double increase = canary.errorRate() - baseline.errorRate();
    double upper = ofCanary.upper() - ofBaseline.lower();
    statistics.put("baseline_requests", (double) baseline.requests());
    statistics.put("canary_requests", (double) canary.requests());
    statistics.put("baseline_error_rate", baseline.errorRate());
    statistics.put("canary_error_rate", canary.errorRate());
    statistics.put("error_rate_increase_upper", upper);
    statistics.put("error_log_e_value", evidence.errors().logValue());
    String counts =
        String.format(
            Locale.ROOT,
            "errors: canary %d of %d, baseline %d of %d; ",
            canary.errors(),
            canary.requests(),
            baseline.errors(),
            baseline.requests());
    if (evidence.errors().logValue() >= Math.log(1 / alpha) && increase > limit) {
      failed.add(
          counts
              + String.format(
                  Locale.ROOT,
                  "%.4f more of all requests (limit %.4f), e-value %.3g (needed %.3g)",
                  increase,
                  limit,
                  Math.exp(evidence.errors().logValue()),
                  1 / alpha));
    } else {
      within(
          counts + String.format(Locale.ROOT, "at most %.4f more of all requests", upper),
          upper,
          limit);
    }
  }

  private void latency() {
    LatencyEvidence shown = evidence.latencies();
    double limit = plan.limits().maxLatencyIncrease();
    if (shown.looks() == 0) {
      unknown.add(
          String.format(
              Locale.ROOT,
              "latency: canary %d, baseline %d samples (needed: %d each)",
              observed.canary().latencies().total(),
              observed.baseline().latencies().total(),
              plan.minSamples()));
      return;
    }
    statistics.put("latency_ratio", shown.ratio());
    statistics.put("latency_ratio_lower", shown.ratioLower());
    statistics.put("latency_ratio_upper", shown.ratioUpper());
    statistics.put("latency_p_value", shown.pSlower());
    String estimate =
        String.format(
            Locale.ROOT,
            "latency: %.3f times the baseline's (%.3f to %.3f), p %.2g of %.2g at %d samples a side",
            shown.ratio(),
            shown.ratioLower(),
            shown.ratioUpper(),
            shown.pSlower(),
            shown.alpha(),
            shown.samples());
    if (shown.ratioLower() > 1 + HARMLESS * limit && shown.ratio() > 1 + limit) {
      failed.add(String.format(Locale.ROOT, "%s (limit %.3f times)", estimate, 1 + limit));
    } else {
      within(estimate, shown.ratioUpper() - 1, limit);
    }
  }

  private void tail() {
    LatencyEvidence shown = evidence.latencies();
    double limit = plan.limits().maxLatencyIncrease();
    statistics.put("baseline_p99_ms", observed.baseline().latencies().quantileNs(0.99) / 1e6);
    statistics.put("canary_p99_ms", observed.canary().latencies().quantileNs(0.99) / 1e6);
    if (shown.samples() < CanaryPlan.MIN_TAIL_SAMPLES) {
      String few =
          String.format(
              Locale.ROOT,
              "p99: %d samples a side at the last look (needed: %d)",
              shown.samples(),
              CanaryPlan.MIN_TAIL_SAMPLES);
      // A tail can wait as long as few see it.
      (last ? unknown : passed).add(few);
      return;
    }
    statistics.put("p99_ratio_lower", shown.tailRatioLower());
    String estimate =
        String.format(
            Locale.ROOT, "p99: at least %.3f times the baseline's", shown.tailRatioLower());
    if (shown.tailRatioLower() > 1 + limit) {
      failed.add(String.format(Locale.ROOT, "%s (limit %.3f times)", estimate, 1 + limit));
    } else {
      passed.add(estimate + ", not shown to be worse");
    }
  }

  private void differences(double limit) {
    Bounds rate = RateBounds.of(observed.different(), observed.compared(), plan.alphaOfCheck());
    statistics.put("compared_answers", (double) observed.compared());
    statistics.put("different_answers", (double) observed.different());
    statistics.put("difference_rate_lower", rate.lower());
    statistics.put("difference_rate_upper", rate.upper());
    String counts =
        String.format(
            Locale.ROOT,
            "answers: %d of %d differ, a rate of %.4f to %.4f",
            observed.different(),
            observed.compared(),
            rate.lower(),
            rate.upper());
    if (rate.lower() > limit) {
      failed.add(String.format(Locale.ROOT, "%s (limit %.4f)", counts, limit));
    } else {
      within(counts, rate.upper(), limit);
    }
  }

  /** The harm at the next weight is the share that will see it times how large it can be. */
  private void within(String what, double upper, double limit) {
    double allowed = limit / nextShare;
    String rule =
        String.format(Locale.ROOT, "%s (limit at %.4g %%: %.4g)", what, 100 * nextShare, allowed);
    (upper <= allowed ? passed : unknown).add(rule);
  }

  private Verdict verdict() {
    Outcome outcome =
        !failed.isEmpty() ? Outcome.FAIL : unknown.isEmpty() ? Outcome.PASS : Outcome.INCONCLUSIVE;
    List<String> reasons = new ArrayList<>(failed);
    reasons.addAll(unknown);
    reasons.addAll(passed);
    return new Verdict(outcome, reasons, statistics);
  }
}
