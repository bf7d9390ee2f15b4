package io.salver.engine.nativelib;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/**
 * A file of the class path, as the index of its jar knows it.
 *
 * @param path its path in the jar
 * @param sizeBytes its size once unpacked
 * @param checksum the CRC-32 in the jar's index; outside of a jar, the time of its last change
 */
record NativeResource(URL url, String path, long sizeBytes, long checksum) {
  private static final int KEY_BYTES = 12;

  /** The resource at {@code path}, which exists. */
  static NativeResource of(ClassLoader loader, String path) throws IOException {
    URL url = loader.getResource(path);
    if (url == null) {
      throw new FileNotFoundException(path);
    }
    URLConnection connection = url.openConnection();
    if (!(connection instanceof JarURLConnection inJar)) {
      return new NativeResource(
          url, path, connection.getContentLengthLong(), connection.getLastModified());
    }
    connection.setUseCaches(false);
    try (JarFile jar = inJar.getJarFile()) {
      ZipEntry entry = jar.getEntry(inJar.getEntryName());
      return new NativeResource(url, path, entry.getSize(), entry.getCrc());
    }
  }

  /** What tells these files from others: a hash of what the index says of them. */
  static String key(List<NativeResource> resources) {
    MessageDigest digest = sha256();
    for (NativeResource resource : resources) {
      String line = resource.path + " " + resource.sizeBytes + " " + resource.checksum + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest(), 0, KEY_BYTES);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** Its name without directories. */
  String fileName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Its bytes; closing the stream closes the jar. */
  InputStream open() throws IOException {
    URLConnection connection = url.openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }
}
