/**
 * Writes small ONNX models.
 *
 * <p>Public face: {@code OnnxWriter}.
 */
@NullMarked
package io.salver.examples.onnx;

import org.jspecify.annotations.NullMarked;
