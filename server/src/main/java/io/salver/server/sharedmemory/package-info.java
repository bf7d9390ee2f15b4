/**
 * System shared memory that clients register and name in place of tensors' bytes.
 *
 * <p>Public face: {@code SharedMemoryRegions} keeps what is registered and gives out {@code
 * RegionView}s to requests; {@code SharedMemoryRegion} describes one.
 */
@NullMarked
package io.salver.server.sharedmemory;

import org.jspecify.annotations.NullMarked;
