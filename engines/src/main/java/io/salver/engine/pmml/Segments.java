package io.salver.engine.pmml;

/**
 * The models of a segmentation.
 *
 * @param predicates of all segments
 * @param tests by segment: its predicate
 * @param programs by segment: its model
 * @param weights by segment
 * @param categories by segment and category of its model: the category of the whole
 */
@SuppressWarnings("ArrayRecordComponent")
record Segments(
    Predicates predicates, int[] tests, Program[] programs, double[] weights, int[][] categories) {

  int count() {
    return programs.length;
  }

  /** Whether a segment is for a row. */
  boolean isFor(int segment, Row row) {
    return predicates.test(tests[segment], row) == Predicates.TRUE;
  }
}
