/**
 * Cases that engines and front ends have to answer alike: models, inputs, expected answers.
 *
 * <p>Public face: {@code OnnxCases}, {@code ModelCase}, {@code Expected}, {@code TensorData},
 * {@code TestData}, {@code OnnxModelWriter}.
 */
@NullMarked
package io.salver.testkit.cases;

import org.jspecify.annotations.NullMarked;
