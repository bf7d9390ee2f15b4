/**
 * Workers that speak the Open Inference Protocol over gRPC on a Unix domain socket, as KServe's,
 * Triton's and MLServer's protocol is.
 *
 * <p>Public face: {@code OipProtocol}.
 */
@NullMarked
package io.salver.engine.oip;

import org.jspecify.annotations.NullMarked;
