/**
 * Sends spans and metrics by the OpenTelemetry protocol. The only package that knows
 * OpenTelemetry's libraries; none of it is loaded unless it is configured.
 *
 * <p>Public face: {@code Telemetry}.
 */
@NullMarked
package io.salver.server.telemetry;

import org.jspecify.annotations.NullMarked;
