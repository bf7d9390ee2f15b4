/**
 * gRPC over HTTP/2, on the event loop: messages in and out as they are on the wire.
 *
 * <p>Public face: {@code GrpcService}, {@code GrpcMethod}, {@code UnaryHandler}, {@code
 * StreamHandler}, {@code StreamListener}, {@code GrpcCall}, {@code UnaryCall}, {@code StreamCall},
 * {@code GrpcMetadata}, {@code GrpcStatus}, {@code CallGate}.
 */
@NullMarked
package io.salver.server.grpc;

import org.jspecify.annotations.NullMarked;
