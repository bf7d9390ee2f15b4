/**
 * Versions: which are wanted, which are loaded, and how the two are brought together.
 *
 * <p>Public face: {@code ServedModels} (what front ends see) and {@code ModelControl} (what they
 * may change), {@code ModelManager} behind both with its {@code LifecycleOptions}, {@code
 * SwapPolicy} and {@code LifecycleListener}; {@code ModelConfig}, {@code BasePath}, {@code
 * VersionPolicy}, {@code VersionDirectories} and the {@code ConfigurableSource} {@code
 * FileSystemSource}; {@code VersionRunner}, {@code Warmup}, {@code SyntheticWarmup}; for models on
 * demand {@code LeaseWaiter}, {@code OnDemandOptions}, {@code OnDemandStatistics}, and {@code
 * UseStore} with its {@code UseFile}; {@code ModelStatus}, {@code VersionStatus}, {@code
 * VersionState}.
 */
@NullMarked
package io.salver.lifecycle;

import org.jspecify.annotations.NullMarked;
