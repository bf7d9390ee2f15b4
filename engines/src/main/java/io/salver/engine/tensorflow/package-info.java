/**
 * TensorFlow SavedModels, run by TensorFlow's C interface.
 *
 * <p>Public face: {@code TensorFlowEngine}.
 */
@NullMarked
package io.salver.engine.tensorflow;

import org.jspecify.annotations.NullMarked;
