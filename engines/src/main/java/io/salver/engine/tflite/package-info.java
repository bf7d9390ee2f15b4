/**
 * TensorFlow Lite models, run by its C interface.
 *
 * <p>Public face: {@code TfliteEngine}.
 */
@NullMarked
package io.salver.engine.tflite;

import org.jspecify.annotations.NullMarked;
