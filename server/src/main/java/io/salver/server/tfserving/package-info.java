/**
 * TensorFlow Serving's protocols: its REST API, its gRPC services, its configuration files and the
 * files that it writes and warms models up with.
 *
 * <p>Public face: {@code PredictionService}, {@code ModelService}, {@code RestApi}, {@code
 * ModelServerConfigs}, {@code RequestSampling}, {@code RequestLog}, {@code TfRecordWarmup}, {@code
 * SslConfigFile}.
 */
@NullMarked
package io.salver.server.tfserving;

import org.jspecify.annotations.NullMarked;
