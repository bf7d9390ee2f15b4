/**
 * The console: a page on which people see and steer the server, and the events that keep it up to
 * date.
 *
 * <p>Public face: {@code Console}.
 */
@NullMarked
package io.salver.server.console;

import org.jspecify.annotations.NullMarked;
