package io.salver.server.sharedmemory;

import io.salver.predict.Category;
import io.salver.predict.ServingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The system shared memory regions that clients have registered.
 *
 * <p>Whoever may register a region makes the server read and write an object of the client's
 * choice, so it is off unless configured, and a key names an object directly in the one directory:
 * nothing above or below it, and no link.
 *
 * <p>Messages are Triton's where it has one. Thread-safe; {@link #view} takes no lock. Registering
 * opens a file in memory, which does not block.
 */
public final class SharedMemoryRegions implements AutoCloseable {
  /** Where Linux keeps POSIX shared-memory objects. */
  public static final Path SYSTEM_DIRECTORY = Path.of("/dev/shm");

  /** How many regions there may be: each keeps a file open. */
  static final int MAX_REGIONS = 1_024;

  /** Of a name or key; a longer one is no name of a file. */
  static final int MAX_NAME_BYTES = 255;

  private static final String RESERVED_PREFIX = "triton_python_backend_shm_region_";
  private static final String DISABLED =
      "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to"
          + " enable.";

  private final Optional<Path> directory;
  private final ConcurrentHashMap<String, SharedMemoryObject> objects = new ConcurrentHashMap<>();

  private SharedMemoryRegions(Optional<Path> directory) {
    this.directory = directory;
  }

  /** Regions of objects in {@code directory}, as {@link #SYSTEM_DIRECTORY}. */
  public static SharedMemoryRegions in(Path directory) {
    return new SharedMemoryRegions(Optional.of(directory));
  }

  /** No regions: registering is refused with UNIMPLEMENTED. */
  public static SharedMemoryRegions disabled() {
    return new SharedMemoryRegions(Optional.empty());
  }

  /** Whether clients may register regions. */
  public boolean isEnabled() {
    return directory.isPresent();
  }

  /**
   * Registers a region.
   *
   * @param key the object's POSIX name, with or without a leading slash
   * @param offsetBytes where it begins in the object; negative stands for more than 2^63
   * @param sizeBytes at least 1; likewise
   * @throws ServingException ALREADY_EXISTS if the name is taken; INVALID_ARGUMENT if the object is
   *     not there or does not hold the region; UNIMPLEMENTED if it is off; RESOURCE_EXHAUSTED if
   *     there are too many
   */
  public synchronized void register(String name, String key, long offsetBytes, long sizeBytes) {
    Path where = requireEnabled();
    if (name.isEmpty() || sizeOf(name) > MAX_NAME_BYTES) {
      throw ServingException.invalid(
          "'region name' is necessary to register system shared memory region: "
              + sizeOf(name)
              + " bytes (expected: 1 to "
              + MAX_NAME_BYTES
              + ")");
    }
    Path file = where.resolve(objectName(name, key));
    if (objects.containsKey(name)) {
      throw new ServingException(
          Category.ALREADY_EXISTS, "shared memory region '" + name + "' already in manager");
    }
    if (objects.size() >= MAX_REGIONS) {
      throw new ServingException(
          Category.RESOURCE_EXHAUSTED,
          "shared memory regions: " + objects.size() + " (expected: < " + MAX_REGIONS + ")");
    }
    objects.put(
        name,
        SharedMemoryObject.open(new SharedMemoryRegion(name, key, offsetBytes, sizeBytes), file));
  }

  private Path requireEnabled() {
    return directory.orElseThrow(() -> new ServingException(Category.UNIMPLEMENTED, DISABLED));
  }

  private static int sizeOf(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String objectName(String region, String key) {
    String name = key.startsWith("/") ? key.substring(1) : key;
    boolean isName =
        !name.isEmpty()
            && !name.equals(".")
            && !name.equals("..")
            && name.indexOf('/') < 0
            && name.chars().noneMatch(Character::isISOControl)
            && !name.startsWith(RESERVED_PREFIX)
            && sizeOf(name) <= MAX_NAME_BYTES;
    if (!isName) {
      throw ServingException.invalid(
          "failed to register shared memory region '"
              + region
              + "': key \""
              + key
              + "\" (expected: the name of a shared-memory object, as /name)");
    }
    return name;
  }

  /**
   * Forgets a region, if there is one of this name. Requests that hold it go on using it.
   *
   * @throws ServingException UNIMPLEMENTED if shared memory is off
   */
  public synchronized void unregister(String name) {
    Path unused = requireEnabled();
    SharedMemoryObject object = objects.remove(name);
    if (object != null) {
      object.release();
    }
  }

  /** Forgets all regions, as {@link #unregister} does. */
  public synchronized void unregisterAll() {
    Path unused = requireEnabled();
    List.copyOf(objects.keySet()).forEach(this::unregister);
  }

  /**
   * The region of this name, or all by name if it is empty.
   *
   * @throws ServingException NOT_FOUND if there is none of this name
   */
  public List<SharedMemoryRegion> status(String name) {
    if (name.isEmpty()) {
      return objects.values().stream()
          .map(SharedMemoryObject::region)
          .sorted(Comparator.comparing(SharedMemoryRegion::name))
          .toList();
    }
    SharedMemoryObject object = objects.get(name);
    if (object == null) {
      throw new ServingException(
          Category.NOT_FOUND, "Unable to find system shared memory region: '" + name + "'");
    }
    return List.of(object.region());
  }

  /**
   * Holds a part of a region for a request.
   *
   * @param offsetBytes where it begins in the region
   * @param sizeBytes at least 0
   * @return to be closed when the request ends
   * @throws ServingException NOT_FOUND if there is no such region; INVALID_ARGUMENT if the part
   *     does not lie within it
   */
  public RegionView view(String name, long offsetBytes, long sizeBytes) {
    SharedMemoryObject object = objects.get(name);
    if (object == null || !object.retain()) {
      throw new ServingException(
          Category.NOT_FOUND, "Unable to find shared memory region: '" + name + "'");
    }
    SharedMemoryRegion region = object.region();
    if (offsetBytes < 0 || offsetBytes >= region.sizeBytes()) {
      object.release();
      throw outside("Invalid offset for shared memory region: '", region, offsetBytes, sizeBytes);
    }
    if (sizeBytes < 0 || sizeBytes > region.sizeBytes() - offsetBytes) {
      object.release();
      throw outside(
          "Invalid offset + byte size for shared memory region: '", region, offsetBytes, sizeBytes);
    }
    return new RegionView(object, region.offsetBytes() + offsetBytes, sizeBytes);
  }

  private static ServingException outside(
      String what, SharedMemoryRegion region, long offsetBytes, long sizeBytes) {
    return ServingException.invalid(
        what
            + region.name()
            + "': offset "
            + Long.toUnsignedString(offsetBytes)
            + ", byte size "
            + Long.toUnsignedString(sizeBytes)
            + " (expected: within its "
            + region.sizeBytes()
            + " bytes)");
  }

  /** Forgets all regions. */
  @Override
  public void close() {
    if (isEnabled()) {
      unregisterAll();
    }
  }
}
