/**
 * Runs XGBoost, LightGBM and CatBoost models by one evaluator in Java, which needs no native
 * library.
 *
 * <p>Public face: {@code TreesEngine}. A file is read into a {@code Forest}, or for XGBoost's
 * {@code gblinear} into a {@code LinearScorer}; both are scored by {@code TreesModel}.
 */
@NullMarked
package io.salver.engine.trees;

import org.jspecify.annotations.NullMarked;
