/**
 * Gradient boosting of decision trees, and XGBoost's JSON format for what it makes.
 *
 * <p>Public face: {@code Boosting}, {@code BoostedTrees}, {@code Rows}.
 */
@NullMarked
package io.salver.examples.trees;

import org.jspecify.annotations.NullMarked;
