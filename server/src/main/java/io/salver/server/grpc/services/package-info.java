/**
 * The services that gRPC itself describes: health and reflection.
 *
 * <p>Public face: {@code HealthService}, {@code ReflectionService}.
 */
@NullMarked
package io.salver.server.grpc.services;

import org.jspecify.annotations.NullMarked;
