/**
 * The endpoints of a server: their definitions, what they remember, and who changed what.
 *
 * <p>Public face: {@code Endpoints} (the registry), {@code EndpointJson} and {@code JsonTrees} (its
 * form outside), {@code AuditLog} and {@code FeedbackLog} (what is kept beside), {@code
 * ControlStore} with {@code MemoryStore} and {@code SqliteStore} (where all of it is kept), and the
 * seams {@code KnownModels}, {@code StateListener}, {@code CanarySteps}, {@code FeedbackHandler}
 * and {@code EndpointReport}.
 */
@NullMarked
package io.salver.endpoint;

import org.jspecify.annotations.NullMarked;
