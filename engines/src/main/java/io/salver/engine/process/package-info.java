/**
 * Models that another process computes: a worker in any language, or an engine of Salver's own that
 * is kept apart.
 *
 * <p>Public face: {@code ProcessEngine} and {@code IsolatedEngine}, which are engines; {@code
 * WorkerSpec}, {@code WorkerSpecs}, {@code FileWorkers}, what a worker is; {@code WorkerHost}, the
 * worker's side of an engine that is kept apart; {@code WorkerProtocol}, {@code WorkerConnection},
 * {@code WorkerPlace}, {@code WorkerDescription}, {@code BrokenWorkerException}, what another way
 * to talk to workers implements.
 */
@NullMarked
package io.salver.engine.process;

import org.jspecify.annotations.NullMarked;
