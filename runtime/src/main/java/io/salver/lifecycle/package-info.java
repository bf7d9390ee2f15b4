/**
 * Versions: which are wanted, which are loaded, and how the two are brought together.
 *
 * <p>Public face: {@code ServedModels} (what front ends see), {@code ModelManager} behind it with
 * its {@code LifecycleOptions}, {@code SwapPolicy} and {@code LifecycleListener}; {@code
 * ModelConfig}, {@code VersionPolicy} and the {@code ConfigurableSource} {@code FileSystemSource};
 * {@code VersionRunner}, {@code Warmup}, {@code SyntheticWarmup}; {@code ModelStatus}, {@code
 * VersionStatus}, {@code VersionState}.
 */
@NullMarked
package io.salver.lifecycle;

import org.jspecify.annotations.NullMarked;
