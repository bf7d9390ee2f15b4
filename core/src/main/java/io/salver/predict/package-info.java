/**
 * The spine: every stage of the data plane is a {@code Predictor} around the next.
 *
 * <p>Public face: {@code Predictor}, {@code PredictRequest}, {@code Reply}, {@code Stage}, {@code
 * Turn}, {@code Observer}, {@code ServingException}, {@code Category}.
 */
@NullMarked
package io.salver.predict;

import org.jspecify.annotations.NullMarked;
