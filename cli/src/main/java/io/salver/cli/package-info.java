/**
 * The {@code salver} command, and the one place that knows how the parts fit together.
 *
 * <p>Public face: {@code Main}; {@code SalverServer} for whoever embeds a whole server, as the
 * tests do.
 */
@NullMarked
package io.salver.cli;

import org.jspecify.annotations.NullMarked;
