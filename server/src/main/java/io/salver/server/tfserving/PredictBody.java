package io.salver.server.tfserving;

import io.salver.tensor.Signature;
import io.salver.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A decoded body of {@code :predict}.
 *
 * @param signature the one that the body names, or the default
 * @param inputs one for each input of the signature, in its order; null where an optional one is
 *     left out
 * @param rowFormat whether it came as "instances", so that "predictions" answer it
 */
@SuppressWarnings("ArrayRecordComponent")
record PredictBody(Signature signature, @Nullable Tensor[] inputs, boolean rowFormat) {}
