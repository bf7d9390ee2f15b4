/**
 * Pages for those who run the server: metrics, costs, health, readiness and version.
 *
 * <p>Public face: {@code AdminPages}.
 */
@NullMarked
package io.salver.server.admin;

import org.jspecify.annotations.NullMarked;
