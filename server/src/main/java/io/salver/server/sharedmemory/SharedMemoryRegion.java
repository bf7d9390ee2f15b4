package io.salver.server.sharedmemory;

/**
 * A region that a client registered.
 *
 * @param name by which requests name it
 * @param key the POSIX name of the shared-memory object, as the client gave it
 * @param offsetBytes where the region begins in the object
 * @param sizeBytes its length
 */
public record SharedMemoryRegion(String name, String key, long offsetBytes, long sizeBytes) {}
