/**
 * What engines over native libraries share: the libraries' way from a vendor's jar to the disk, and
 * small helpers for calls into C.
 *
 * <p>Public face: {@code NativeBundle}, {@code NativeLibraries}, {@code Foreign}.
 */
@NullMarked
package io.salver.engine.nativelib;

import org.jspecify.annotations.NullMarked;
