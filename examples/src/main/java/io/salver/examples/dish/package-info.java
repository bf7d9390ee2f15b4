/**
 * The image classifier: draws dishes, learns to tell them apart, and writes what it learnt as ONNX.
 *
 * <p>Public face: {@code Dish}, {@code DishModel}, {@code DishPainter}, {@code Picture}.
 */
@NullMarked
package io.salver.examples.dish;

import org.jspecify.annotations.NullMarked;
