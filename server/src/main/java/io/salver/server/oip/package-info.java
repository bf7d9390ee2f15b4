/**
 * The Open Inference Protocol, version 2, over REST and gRPC, in Triton's dialect.
 *
 * <p>Public face: {@code OipRest} and {@code OipGrpc} answer requests, {@code OipControl} those of
 * them that are no predictions, by way of the log by {@code LogControl}.
 */
@NullMarked
package io.salver.server.oip;

import org.jspecify.annotations.NullMarked;
