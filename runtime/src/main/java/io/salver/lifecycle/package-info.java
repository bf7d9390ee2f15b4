/**
 * Versions: which are wanted, which are loaded, and how the two are brought together.
 *
 * <p>Public face: {@code ServedModels} (what front ends see), {@code ModelManager} behind it,
 * {@code ModelConfig}, {@code VersionRunner}, {@code Warmup}, {@code VersionPolicy}, {@code
 * ModelStatus}, {@code VersionStatus}, {@code VersionState}.
 */
@NullMarked
package io.salver.lifecycle;

import org.jspecify.annotations.NullMarked;
