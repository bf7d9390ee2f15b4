/**
 * What logs of requests have in common: a bounded queue with a thread that writes, and files that
 * follow each other.
 *
 * <p>Public face: {@code LogQueue}, {@code RollingFile}.
 */
@NullMarked
package io.salver.server.log;

import org.jspecify.annotations.NullMarked;
