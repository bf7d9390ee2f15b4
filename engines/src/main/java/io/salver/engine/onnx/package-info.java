/**
 * ONNX models, run by ONNX Runtime through its C interface.
 *
 * <p>Public face: {@code OnnxEngine}.
 */
@NullMarked
package io.salver.engine.onnx;

import org.jspecify.annotations.NullMarked;
