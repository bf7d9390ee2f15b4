package io.salver.engine.trees;

import org.jspecify.annotations.Nullable;

/**
 * A tree as a file has it, not yet checked. Node 0 is the root; every array has an element for each
 * node; nodes that the root does not lead to are left out.
 *
 * @param left the left child, or -1 for a leaf
 * @param right the right child; of no meaning for a leaf
 * @param feature the feature that decides; of no meaning for a leaf
 * @param value the threshold, or for a leaf what it adds
 * @param flags of {@link Forest}: how the node decides
 * @param categories for a node with {@link Forest#CATEGORICAL}: the categories as the bits of
 *     words; may be null if no node has
 * @param cover how many rows of training, or what weight of them, came to the node; null if the
 *     file does not say
 * @param linear for a leaf: its linear function; may be null if no leaf has one
 */
@SuppressWarnings("ArrayRecordComponent")
record TreeNodes(
    int[] left,
    int[] right,
    int[] feature,
    double[] value,
    byte[] flags,
    int @Nullable [] @Nullable [] categories,
    double @Nullable [] cover,
    @Nullable LeafFunction @Nullable [] linear) {

  /**
   * The function {@code constant + sum(coefficients[i] * row[features[i]])} of a leaf, which is
   * replaced by the leaf's value if one of those features is NaN.
   */
  @SuppressWarnings("ArrayRecordComponent")
  record LeafFunction(double constant, int[] features, double[] coefficients) {}
}
