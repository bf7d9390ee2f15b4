/**
 * What is told of single requests after they were answered: the access log, the log of slow ones,
 * and spans.
 *
 * <p>Public face: {@code RequestEvents}, {@code RequestEvent}, {@code RequestSink}, {@code
 * AccessLog}, {@code SlowLog}, {@code TraceContext}, {@code TraceSampler}.
 */
@NullMarked
package io.salver.server.trace;

import org.jspecify.annotations.NullMarked;
