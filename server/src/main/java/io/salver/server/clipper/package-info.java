/**
 * Clipper's REST form of predictions and feedback, in front of the same models and endpoints.
 *
 * <p>Public face: {@code ClipperRest}.
 */
@NullMarked
package io.salver.server.clipper;

import org.jspecify.annotations.NullMarked;
