/**
 * What the server logs, and how it looks.
 *
 * <p>All of Salver logs through {@link System.Logger}, whose backend is {@code java.util.logging}.
 *
 * <p>Public face: {@code Logging} (sets format and level), {@code RootLog} (changes the level),
 * {@code LogFormat}, {@code LifecycleLog}.
 */
@NullMarked
package io.salver.cli.logging;

import org.jspecify.annotations.NullMarked;
