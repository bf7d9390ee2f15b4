package io.salver.server.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one prefix, of which one is open: {@code prefix-00000.ending} and so on. Used by one
 * thread; never throws, but says in the log once when it cannot write.
 */
public final class RollingFile implements AutoCloseable {
  private static final Logger LOG = System.getLogger(RollingFile.class.getName());

  private final Path prefix;
  private final String ending;
  private final long maxBytes;
  private final int maxFiles;
  private final ArrayDeque<Path> files = new ArrayDeque<>();
  private @Nullable OutputStream out;
  private long writtenBytes;
  private int number;
  private boolean looked;
  private boolean complained;

  /**
   * Files, of which none is made yet.
   *
   * @param prefix directory and beginning of the names; the directory is made when it is needed
   * @param maxBytes a file that would grow past this is followed by another
   * @param maxFiles how many there are at most, those that are there already included: then the
   *     oldest is deleted; 0 for any number, and those that are there already are left alone
   */
  public RollingFile(Path prefix, String ending, long maxBytes, int maxFiles) {
    this.prefix = prefix;
    this.ending = ending;
    this.maxBytes = maxBytes;
    this.maxFiles = maxFiles;
  }

  /** Appends a record; false if it cannot. */
  public boolean write(byte[] record) {
    try {
      if (out != null && writtenBytes > 0 && writtenBytes + record.length > maxBytes) {
        out.close();
        out = null;
      }
      if (out == null) {
        out = next();
        writtenBytes = 0;
      }
      out.write(record);
      writtenBytes += record.length;
      complained = false;
      return true;
    } catch (IOException e) {
      complain(e);
      close();
      return false;
    }
  }

  private OutputStream next() throws IOException {
    Path directory = prefix.getParent();
    if (directory != null) {
      Files.createDirectories(directory);
    }
    if (maxFiles > 0 && !looked) {
      look(directory == null ? Path.of("") : directory);
      looked = true;
    }
    while (true) {
      Path file = Path.of("%s-%05d.%s".formatted(prefix, number++, ending));
      if (!Files.exists(file)) {
        OutputStream made =
            new BufferedOutputStream(
                Files.newOutputStream(
                    file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        files.addLast(file);
        while (maxFiles > 0 && files.size() > maxFiles) {
          Files.deleteIfExists(files.removeFirst());
        }
        return made;
      }
    }
  }

  /** Takes over the files of an earlier process. */
  private void look(Path directory) throws IOException {
    Pattern own =
        Pattern.compile(
            Pattern.quote(prefix.getFileName() + "-") + "(\\d{5,9})" + Pattern.quote("." + ending));
    List<Path> present;
    try (Stream<Path> entries = Files.list(directory)) {
      present = entries.toList();
    }
    present.stream()
        .filter(file -> own.matcher(file.getFileName().toString()).matches())
        .sorted((a, b) -> Integer.compare(numberOf(own, a), numberOf(own, b)))
        .forEach(file -> {
          files.addLast(file);
          number = numberOf(own, file) + 1;
        });
  }

  private static int numberOf(Pattern own, Path file) {
    Matcher name = own.matcher(file.getFileName().toString());
    return name.matches() ? Integer.parseInt(name.group(1)) : -1;
  }

  /** Hands what was written to the operating system. */
  public void flush() {
    try {
      if (out != null) {
        out.flush();
      }
    } catch (IOException e) {
      complain(e);
      close();
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      complain(e);
    } finally {
      out = null;
    }
  }

  private void complain(IOException e) {
    if (!complained) {
      LOG.log(Level.WARNING, prefix + ": cannot write, records are dropped", e);
      complained = true;
    }
  }
}
