package io.salver.lifecycle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a directory looks like from outside, so that two looks can be compared.
 *
 * @param entries everything below the directory, by name
 * @param newest when anything of it was last touched
 */
record Fingerprint(List<Entry> entries, Instant newest) {
  private static final int MAX_DEPTH = 16;

  /** A file or directory; a directory's size is 0. */
  record Entry(String name, long sizeBytes, Instant modified) {}

  /** Whether names, sizes and times are the same. */
  boolean sameFiles(Fingerprint other) {
    return entries.equals(other.entries);
  }

  /**
   * Looks at a directory, through links.
   *
   * @throws IOException if it, or something in it, cannot be read
   */
  static Fingerprint of(Path directory) throws IOException {
    List<Entry> entries = new ArrayList<>();
    Instant newest = Instant.EPOCH;
    try (Stream<Path> walk = Files.walk(directory, MAX_DEPTH, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : (Iterable<Path>) walk::iterator) {
        var attributes = Files.readAttributes(path, BasicFileAttributes.class);
        Instant modified = attributes.lastModifiedTime().toInstant();
        long size = attributes.isDirectory() ? 0 : attributes.size();
        entries.add(new Entry(directory.relativize(path).toString(), size, modified));
        newest = later(newest, later(modified, statusChanged(path)));
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    entries.sort(Comparator.comparing(Entry::name));
    return new Fingerprint(entries, newest);
  }

  /**
   * When the file system last changed anything of the file, which copying tools that preserve the
   * time of modification cannot set back; the distant past where the file system does not say.
   */
  private static Instant statusChanged(Path path) {
    try {
      return Files.getAttribute(path, "unix:ctime") instanceof FileTime time
          ? time.toInstant()
          : Instant.EPOCH;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return Instant.EPOCH;
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
