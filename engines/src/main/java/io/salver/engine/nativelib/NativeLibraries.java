package io.salver.engine.nativelib;

import io.salver.engine.NativeCache;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Unpacks native libraries from the class path into a cache on disk, once per content.
 *
 * <p>An entry is a directory named by a hash of its files' names, sizes and checksums as the jar's
 * index has them, so that finding an entry does not read the libraries. A file comes into its entry
 * by an atomic rename over whatever was there: processes that start together do the same work
 * twice, but neither ever sees half a file, and a file of the wrong size is replaced.
 *
 * <p>The cache is {@code salver.native.cache} if that system property is set, otherwise {@code
 * salver/native} below {@code XDG_CACHE_HOME} or {@code ~/.cache}. If the latter cannot be written,
 * a directory for this process alone is made among the temporary files, with a warning.
 *
 * <p>Thread-safe; blocks on disk.
 */
public final class NativeLibraries {
  /** The system property that names the cache directory. */
  public static final String CACHE_PROPERTY = NativeCache.PROPERTY;

  private static final Logger LOG = System.getLogger(NativeLibraries.class.getName());

  private NativeLibraries() {}

  /**
   * The directory in which the files of {@code bundle} for this platform lie, unpacked if need be.
   *
   * @param loader where the jar is found
   * @throws IOException if the class path has no such libraries for this platform, or they cannot
   *     be written; the message says which, and what to do
   */
  public static Path unpack(ClassLoader loader, NativeBundle bundle) throws IOException {
    List<NativeResource> resources = find(loader, bundle, NativeBundle.platform());
    String entry = bundle.name() + "-" + NativeResource.key(resources);
    String configured = System.getProperty(CACHE_PROPERTY);
    if (configured != null) {
      return new CacheEntry(makeEntry(Path.of(configured), entry)).fill(resources);
    }
    return new CacheEntry(defaultEntry(entry)).fill(resources);
  }

  /**
   * The directory with another build of the files of {@code bundle}: {@code given} itself, or where
   * the libraries of a vendor's jar were unpacked, all of those that lie beside the files.
   *
   * @throws IOException if they are not there for this platform, or cannot be written; the message
   *     says what was expected
   */
  public static Path unpack(Path given, NativeBundle bundle) throws IOException {
    if (Files.isDirectory(given)) {
      for (String file : bundle.files()) {
        if (!Files.isRegularFile(given.resolve(file))) {
          throw new IOException(given + ": no " + file + " (expected: " + bundle.files() + ")");
        }
      }
      return given;
    }
    if (!Files.isRegularFile(given) || !given.toString().endsWith(".jar")) {
      throw new IOException(
          given + " (expected: a directory with " + bundle.files() + ", or a jar that has them)");
    }
    return unpackJar(given, bundle);
  }

  private static Path unpackJar(Path jar, NativeBundle bundle) throws IOException {
    String directory;
    List<String> files;
    try (JarFile content = new JarFile(jar.toFile())) {
      directory = directory(jar, content, bundle);
      files =
          content.stream()
              .map(JarEntry::getName)
              .filter(name -> name.startsWith(directory + "/"))
              .map(name -> name.substring(directory.length() + 1))
              .filter(name -> name.matches("[^/]+\\.so(\\.\\d+)*"))
              .sorted()
              .toList();
    }
    try (URLClassLoader loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, null)) {
      return unpack(
          loader,
          new NativeBundle(bundle.name(), Map.of(NativeBundle.platform(), directory), files));
    }
  }

  /** A vendor's other builds lie in a directory whose name has an ending more, as {@code -gpu}. */
  private static String directory(Path jar, JarFile content, NativeBundle bundle)
      throws IOException {
    String usual = bundle.directories().get(NativeBundle.platform());
    String ending = "/" + bundle.files().getFirst();
    return content.stream()
        .map(JarEntry::getName)
        .filter(name -> usual != null && name.startsWith(usual) && name.endsWith(ending))
        .map(name -> name.substring(0, name.length() - ending.length()))
        .filter(
            name -> bundle.files().stream().allMatch(f -> content.getEntry(name + "/" + f) != null))
        .findFirst()
        .orElseThrow(() ->
            new IOException(
                jar
                    + ": no "
                    + bundle.files()
                    + " for "
                    + NativeBundle.platform()
                    + " (expected: below "
                    + usual
                    + ")"));
  }

  private static Path defaultEntry(String entry) throws IOException {
    Path cache = NativeCache.directory();
    try {
      Path directory = makeEntry(cache, entry);
      if (Files.isWritable(directory)) {
        return directory;
      }
      return temporaryEntry(cache, entry, "not writable");
    } catch (IOException e) {
      return temporaryEntry(cache, entry, e.toString());
    }
  }

  private static Path temporaryEntry(Path cache, String entry, String why) throws IOException {
    Path directory = Files.createTempDirectory("salver-" + entry + "-");
    directory.toFile().deleteOnExit();
    LOG.log(
        Level.WARNING,
        "native library cache: {0}: {1}; using {2} for this process alone (set -D{3} to a"
            + " directory that stays)",
        cache,
        why,
        directory,
        CACHE_PROPERTY);
    return directory;
  }

  private static Path makeEntry(Path cache, String entry) throws IOException {
    Path directory = cache.toAbsolutePath().resolve(entry);
    try {
      Files.createDirectories(directory, onlyOwnerWrites());
    } catch (IOException e) {
      throw new IOException("native library cache: cannot make " + directory + ": " + e, e);
    }
    if (isWorldWritable(directory)) {
      throw new IOException(
          "native library cache: "
              + directory
              + " can be written by everybody (expected: by its owner alone)");
    }
    return directory;
  }

  private static boolean isWorldWritable(Path directory) throws IOException {
    return isPosix()
        && Files.getPosixFilePermissions(directory).contains(PosixFilePermission.OTHERS_WRITE);
  }

  private static FileAttribute<?>[] onlyOwnerWrites() {
    if (!isPosix()) {
      return new FileAttribute<?>[0];
    }
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString("rwxr-xr-x");
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)};
  }

  private static boolean isPosix() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
  }

  static List<NativeResource> find(ClassLoader loader, NativeBundle bundle, String platform)
      throws IOException {
    String directory = bundle.directories().get(platform);
    List<NativeResource> resources = new ArrayList<>();
    for (String file : bundle.files()) {
      String path = directory + "/" + file;
      if (directory == null || loader.getResource(path) == null) {
        throw missing(loader, bundle, platform);
      }
      resources.add(NativeResource.of(loader, path));
    }
    return resources;
  }

  private static IOException missing(ClassLoader loader, NativeBundle bundle, String platform) {
    List<String> present =
        bundle.directories().entrySet().stream()
            .filter(e -> hasAll(loader, e.getValue(), bundle.files()))
            .map(e -> e.getKey())
            .sorted()
            .toList();
    return new IOException(
        bundle.name()
            + ": no native library for "
            + platform
            + " on the class path (expected: one of "
            + present
            + ", which are there)");
  }

  private static boolean hasAll(ClassLoader loader, String directory, List<String> files) {
    return files.stream().allMatch(file -> loader.getResource(directory + "/" + file) != null);
  }
}
