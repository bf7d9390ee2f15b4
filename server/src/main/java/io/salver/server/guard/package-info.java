/**
 * What stands before the handlers of HTTP and gRPC: who may ask, and what browsers may be used for.
 *
 * <p>Public face: {@code GuardedHandler}, {@code GuardedCalls}, {@code BrowserRules}.
 */
@NullMarked
package io.salver.server.guard;

import org.jspecify.annotations.NullMarked;
