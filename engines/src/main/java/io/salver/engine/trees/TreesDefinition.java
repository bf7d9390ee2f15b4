package io.salver.engine.trees;

import io.salver.tensor.DType;

/**
 * A model file, read.
 *
 * @param scorer what computes the sums
 * @param divisor what the sums are divided by before the objective sees them: 1, or the number of
 *     iterations of a random forest
 * @param objective what is made of the sums
 * @param dtype of features and answers: FLOAT32 or FLOAT64
 */
record TreesDefinition(Scorer scorer, int divisor, Objective objective, DType dtype) {}
