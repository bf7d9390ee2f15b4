/**
 * What the server counts and times, and the page from which Prometheus reads it.
 *
 * <p>Public face: {@code PredictionMetrics} (fed by the data plane; its {@code VersionTotals} are
 * for those who show them), {@code WarmupMetrics} (around a warm-up), {@code ModelMetrics}, {@code
 * BatchMetrics}, {@code AccessMetrics}, {@code ServerMetrics} and {@code ProcessMetrics} (read when
 * they are asked for), all of them a {@code MetricSource}; {@code MetricPage}, which joins them;
 * {@code MetricWriter}; the labels {@code Api} and {@code Method}.
 */
@NullMarked
package io.salver.server.metrics;

import org.jspecify.annotations.NullMarked;
