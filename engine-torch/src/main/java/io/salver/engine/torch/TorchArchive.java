package io.salver.engine.torch;

import io.salver.engine.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * What the directory of a TorchScript archive says, checked before libtorch opens the file.
 *
 * <p>Such an archive is a zip file whose entries lie in one folder, with {@code data.pkl}, {@code
 * constants.pkl} and source code below {@code code/}. Its pickles are read by libtorch's own reader
 * for a subset of the format, which makes objects of the archive's classes and nothing else.
 *
 * @param assignsAttributes whether its code assigns to attributes of objects, so that a run may
 *     change what the next one answers
 * @param traced whether it says what inputs it was traced with
 */
record TorchArchive(boolean assignsAttributes, boolean traced) {
  private static final int MAX_ENTRIES = 1 << 20;
  private static final long MAX_DIRECTORY_BYTES = 128L << 20;
  private static final long MAX_CODE_BYTES = 256L << 20;

  /** Deflate makes nothing shorter than this. */
  private static final long MAX_RATIO = 1032;

  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int LOCAL_SIGNATURE = 0x04034b50;
  private static final int PICKLE_PROTOCOL = 0x80;

  /** As TorchScript's printer writes it: {@code self._state = _12}, {@code (self).x = y}. */
  private static final Pattern ASSIGNMENT = Pattern.compile("(?m)^ ++[(\\w][\\w.()]*\\.\\w+ = ");

  /**
   * Reads and checks the directory, the pickles' and the code's checksums, and the code.
   *
   * @throws ModelLoadException if it is no TorchScript archive, or a broken one
   */
  static TorchArchive read(Path path) throws ModelLoadException {
    try {
      if (isPickle(path)) {
        throw new ModelLoadException(pickleRefusal(path));
      }
      requireDirectory(path);
      try (ZipFile zip = new ZipFile(path.toFile())) {
        return read(path, zip);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelLoadException(
          path + ": " + e.getMessage() + " (expected: a whole TorchScript archive)", e);
    }
  }

  private static TorchArchive read(Path path, ZipFile zip) throws IOException, ModelLoadException {
    List<? extends ZipEntry> entries = zip.stream().limit(MAX_ENTRIES + 1L).toList();
    String root = root(path, entries);
    for (String needed : List.of("data.pkl", "constants.pkl")) {
      if (zip.getEntry(root + needed) == null) {
        throw notTorchScript(path, "without " + needed);
      }
    }
    requireSizes(path, entries, Files.size(path));
    boolean code = false;
    boolean assigns = false;
    long codeBytes = 0;
    for (ZipEntry entry : entries) {
      String name = entry.getName();
      boolean isCode = name.startsWith(root + "code/") && name.endsWith(".py");
      if (isCode || name.endsWith(".pkl")) {
        codeBytes += entry.getSize();
        if (codeBytes > MAX_CODE_BYTES) {
          throw new ModelLoadException(
              path
                  + ": more than "
                  + MAX_CODE_BYTES
                  + " bytes of code and pickles (expected: fewer)");
        }
        byte[] content = content(path, zip, entry);
        code |= isCode;
        assigns |= isCode && ASSIGNMENT.matcher(new String(content, StandardCharsets.UTF_8)).find();
      }
    }
    if (!code) {
      throw notTorchScript(path, "without code");
    }
    return new TorchArchive(assigns, zip.getEntry(root + "traced_inputs.pkl") != null);
  }

  /** The folder in which all entries lie, with a slash at its end. */
  private static String root(Path path, List<? extends ZipEntry> entries)
      throws ModelLoadException {
    if (entries.isEmpty() || entries.size() > MAX_ENTRIES) {
      throw new ModelLoadException(
          path + ": " + entries.size() + " entries (expected: 1 to " + MAX_ENTRIES + ")");
    }
    String first = entries.getFirst().getName();
    String root = first.substring(0, first.indexOf('/') + 1);
    for (ZipEntry entry : entries) {
      if (root.isEmpty() || !entry.getName().startsWith(root)) {
        throw notTorchScript(path, "with an entry \"" + entry.getName() + "\" beside others");
      }
    }
    return root;
  }

  /** What libtorch allocates is what the directory says: it has to be there. */
  private static void requireSizes(Path path, List<? extends ZipEntry> entries, long fileBytes)
      throws ModelLoadException {
    long stored = 0;
    for (ZipEntry entry : entries) {
      long most =
          entry.getMethod() == ZipEntry.STORED
              ? entry.getCompressedSize()
              : MAX_RATIO * entry.getCompressedSize();
      stored += entry.getCompressedSize();
      if (entry.getSize() > most || stored > fileBytes) {
        throw new ModelLoadException(
            "%s: entry \"%s\" of %d bytes in %d (expected: as many as the file of %d has)"
                .formatted(
                    path, entry.getName(), entry.getSize(), entry.getCompressedSize(), fileBytes));
      }
    }
  }

  private static byte[] content(Path path, ZipFile zip, ZipEntry entry)
      throws IOException, ModelLoadException {
    byte[] content;
    try (InputStream in = zip.getInputStream(entry)) {
      content = in.readNBytes(Math.toIntExact(entry.getSize()));
    }
    CRC32 crc = new CRC32();
    crc.update(content);
    if (content.length != entry.getSize() || crc.getValue() != entry.getCrc()) {
      throw new ModelLoadException(
          "%s: entry \"%s\": checksum %08x (expected: %08x)"
              .formatted(path, entry.getName(), crc.getValue(), entry.getCrc()));
    }
    return content;
  }

  private static ModelLoadException notTorchScript(Path path, String what) {
    return new ModelLoadException(
        path
            + ": a zip archive "
            + what
            + " (expected: a TorchScript archive, as torch.jit.save writes it; a state dictionary"
            + " or an exported program is none)");
  }

  /** What is said of a pickle. */
  static String pickleRefusal(Path path) {
    return path
        + ": a pickle (expected: a TorchScript archive, as torch.jit.save writes it; pickles are not"
        + " read, because they may run code)";
  }

  /** Whether a file begins as a pickle does, and so is none of the archives of today. */
  static boolean isPickle(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.read() == PICKLE_PROTOCOL;
    }
  }

  /**
   * Requires a zip archive's first entry at the start and its directory at the end, of a size that
   * can be read into memory.
   *
   * @throws ModelLoadException if it has none, as when it was cut short
   */
  static void requireDirectory(Path path) throws IOException, ModelLoadException {
    try (SeekableByteChannel channel = Files.newByteChannel(path)) {
      ByteBuffer start = read(channel, 0, Integer.BYTES);
      if (start.remaining() < Integer.BYTES || start.getInt() != LOCAL_SIGNATURE) {
        throw new ModelLoadException(
            path
                + ": no zip archive (expected: a TorchScript archive, as torch.jit.save writes it)");
      }
      long from = Math.max(0, channel.size() - END_BYTES - MAX_COMMENT_BYTES);
      ByteBuffer end = read(channel, from, END_BYTES + MAX_COMMENT_BYTES);
      for (int i = end.limit() - END_BYTES; i >= 0; i--) {
        if (end.getInt(i) == END_SIGNATURE) {
          requireReadable(path, Integer.toUnsignedLong(end.getInt(i + 12)));
          return;
        }
      }
      throw new ModelLoadException(
          path + ": no zip directory at its end (expected: a whole TorchScript archive)");
    }
  }

  private static void requireReadable(Path path, long directoryBytes) throws ModelLoadException {
    boolean inZip64Record = directoryBytes == 0xffffffffL;
    if (directoryBytes > MAX_DIRECTORY_BYTES && !inZip64Record) {
      throw new ModelLoadException(
          path
              + ": a directory of "
              + directoryBytes
              + " bytes (expected: at most "
              + MAX_DIRECTORY_BYTES
              + ")");
    }
  }

  private static ByteBuffer read(SeekableByteChannel channel, long from, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(from);
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      // Until it is full, or the file ends.
    }
    return buffer.flip();
  }
}
