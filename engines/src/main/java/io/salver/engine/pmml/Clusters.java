package io.salver.engine.pmml;

/** The cluster whose center is the nearest, or the most similar; the first of equal ones. */
final class Clusters implements Scorer {
  private final Distance distance;
  private final double[][] centers;
  private final boolean isSimilarity;
  private final Result result;

  Clusters(Distance distance, double[][] centers, boolean isSimilarity, Result result) {
    this.distance = distance;
    this.centers = centers;
    this.isSimilarity = isSimilarity;
    this.result = result;
  }

  @Override
  public void score(Row row) {
    result.clear(row);
    int best = -1;
    double bestDistance = Double.NaN;
    for (int i = 0; i < centers.length; i++) {
      double to = distance.to(centers[i], row);
      row.results[result.probabilities() + i] = to;
      boolean isBetter = isSimilarity ? to > bestDistance : to < bestDistance;
      if (best < 0 && !Double.isNaN(to) || isBetter) {
        best = i;
        bestDistance = to;
      }
    }
    if (best >= 0) {
      row.results[result.value()] = result.categories()[best];
      row.results[result.entity()] = result.categories()[best];
      row.results[result.affinity()] = bestDistance;
    }
  }
}
