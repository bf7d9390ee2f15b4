package io.salver.engine.pmml;

/** The answer of one segment: of the first that is for the row, or of the last in a chain. */
final class Selection implements Scorer {
  private final Segments segments;
  private final Result result;
  private final boolean isChain;

  Selection(Segments segments, Result result, boolean isChain) {
    this.segments = segments;
    this.result = result;
    this.isChain = isChain;
  }

  @Override
  public void score(Row row) {
    result.clear(row);
    for (int i = 0; i < segments.count(); i++) {
      Program program = segments.programs()[i];
      if (!segments.isFor(i, row)) {
        if (isChain) {
          // Those that come later may ask for what it would have named.
          program.skip(row);
        }
        continue;
      }
      program.run(row);
      if (!isChain || i == segments.count() - 1) {
        copy(program.result(), segments.categories()[i], row);
        return;
      }
    }
  }

  private void copy(Result from, int[] categories, Row row) {
    double[] results = row.results;
    results[result.value()] = results[from.value()];
    results[result.entity()] = results[from.entity()];
    results[result.affinity()] = results[from.affinity()];
    for (int i = 0; i < categories.length; i++) {
      results[result.probabilities() + categories[i]] = results[from.probabilities() + i];
    }
    System.arraycopy(results, from.reasons(), results, result.reasons(), from.reasonCount());
  }
}
