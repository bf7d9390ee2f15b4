package io.salver.server.tfserving;

import io.salver.tensor.Tensor;

/**
 * A decoded body of {@code :classify} or {@code :regress}.
 *
 * @param signatureName the signature that the body names, or the default's name
 * @param examples STRING [n], n at least 1: serialised {@code tensorflow.Example}s, each with the
 *     context, where there is one, merged in front of it
 */
record ExamplesBody(String signatureName, Tensor examples) {}
