package io.salver.server.cost;

import io.salver.predict.Stage;
import io.salver.server.metrics.VersionTotals;

/**
 * What a version's predictions came to so far.
 *
 * @param predictions those that were answered
 * @param rows rows predicted
 * @param servingNs how long its requests were decoded and its answers encoded, together
 */
record Served(long predictions, long rows, long servingNs) {
  static final Served NOTHING = new Served(0, 0, 0);

  static Served of(VersionTotals totals) {
    return new Served(
        totals.requests() - totals.errors(),
        totals.rows(),
        totals.totalNs(Stage.DECODE) + totals.totalNs(Stage.ENCODE));
  }
}
