/**
 * For those who run the server: pages on metrics, costs, health, readiness and version, and the
 * endpoints.
 *
 * <p>Public face: {@code AdminPages}, {@code EndpointsRest}, {@code ControlAnswer} and {@code
 * ControlWorkers}.
 */
@NullMarked
package io.salver.server.admin;

import org.jspecify.annotations.NullMarked;
